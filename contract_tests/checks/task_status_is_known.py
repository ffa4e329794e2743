"""A task is in_queue, generating, done, not_found or expired. A failed one is done: its code says so."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, gave_success, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "result" or not gave_success(exchange):
        return
    status, known = exchange.answer.data.get("status"), contract.task_schema("waiting")["properties"]["status"]["enum"]
    if status not in known:
        yield f"data.status is {short(status)}, wanted one of {', '.join(known)}"


CHECK = Check("task_status_is_known", "the status of a task is one of five", "V-tasks-statuses", check, grade="prose")
