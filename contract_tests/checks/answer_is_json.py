"""Every answer is a JSON object and says so, refusals included."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.sent.method in ("HEAD", "OPTIONS"):
        return
    kind = exchange.answer.header("content-type") or "none"
    if kind.partition(";")[0].strip().lower() != "application/json":
        yield f"Content-Type is {kind}, wanted application/json"
    if not isinstance(exchange.answer.document, dict):
        yield f"the body is no JSON object: {short(exchange.answer.body[:60])}"


CHECK = Check(
    "answer_is_json", "every answer is JSON, errors too", "S3-example-answer, P-seen-service", check, grade="seen"
)
