"""A submit answers task_id: decimal text of an unsigned 64-bit number, 19 or 20 digits.

As a number it would be rounded by clients that read numbers as floating-point, and overflow in those that read signed
ones.
"""

from __future__ import annotations

from .. import validation
from ..model import Exchange
from .base import Check, Texts, gave_success, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "submit" or not gave_success(exchange):
        return
    data = exchange.answer.members.get("data")
    if not isinstance(data, dict):
        yield f"data of a submit is {short(data)}, wanted an object with task_id"
        return
    for _, text in validation.task_breaches("submitted", data):
        yield text


CHECK = Check("task_id_is_text", "a submit answers task_id, text of 19 or 20 digits",
              "V-tasks-submit, P-seen-tasks, P-seen-task-ids", check, grade="seen")  # fmt: skip
