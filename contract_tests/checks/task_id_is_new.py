"""Every task has an id of its own: with one id for two tasks a client gets the picture of another request."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, gave_success


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "submit" or not gave_success(exchange) or "replays" in exchange.capabilities:
        return
    task_id = exchange.answer.data.get("task_id")
    name = f"task {task_id}"
    if task_id is not None and name in memory:
        yield f"task_id {task_id} was already that of an earlier submit"
    memory[name] = "task_id"


CHECK = Check("task_id_is_new", "every submit has a task of its own", "V-tasks-submit, P-seen-task-ids", check,
              grade="seen")  # fmt: skip
