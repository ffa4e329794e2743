"""An answer about a task has the members of the answers seen: all five, whatever the status.

Seen of a task in the queue and of a done one; that the other states have the same members is assumed.
"""

from __future__ import annotations

from .. import validation
from ..model import Exchange
from .base import Check, Graded, Texts, gave_success

ELSEWHERE = {"enum", "maxItems"}
"""Keywords that have a check of their own: the status, and the lists that are empty before the end."""
SEEN = ("in_queue", "done")


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "result" or not gave_success(exchange):
        return
    status = exchange.answer.data.get("status")
    schema = "done" if status == "done" else "waiting"
    for keyword, text in validation.task_breaches(schema, exchange.answer.members.get("data")):
        if keyword not in ELSEWHERE:
            yield Graded(text, CHECK.grade if status in SEEN else "assumed")


CHECK = Check("task_answer_satisfies_schema", "an answer about a task has the members of the answers seen",
              "P-seen-tasks, V-tasks-result", check, grade="seen")  # fmt: skip
