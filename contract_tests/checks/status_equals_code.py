"""`status` repeats `code`."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, is_service_answer, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    members = exchange.answer.members
    if is_service_answer(exchange) and members.get("status") != members["code"]:
        yield f"status is {short(members.get('status'))}, code is {short(members['code'])}"


CHECK = Check("status_equals_code", "status equals code", "S3-example-answer, P-seen-service", check, grade="example")
