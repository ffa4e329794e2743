"""The members of the service's envelope have the types of the sample answers."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, is_service_answer, short

TYPES = {"code": int, "status": int, "message": str, "request_id": str, "time_elapsed": str}


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if not is_service_answer(exchange):
        return
    for name, kind in TYPES.items():
        value = exchange.answer.members.get(name)
        if type(value) is not kind:
            yield f"{name} wants {kind.__name__}, found {short(value)}"
    data = exchange.answer.members.get("data")
    if data is not None and not isinstance(data, dict):
        yield f"data wants an object or null, found {short(data)}"


CHECK = Check(
    "envelope_types",
    "code and status are whole numbers, the rest is text",
    "S3-example-answer, P-seen-service",
    check,
    grade="example",
)
