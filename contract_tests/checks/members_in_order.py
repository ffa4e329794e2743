"""The members of the envelope stand in the order of the alphabet, as in every real answer seen."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, is_service_answer


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    names = list(exchange.answer.members)
    if is_service_answer(exchange) and names != sorted(names):
        yield f"the members stand as {', '.join(names)}"


CHECK = Check(
    "members_in_order",
    "members stand in alphabetical order",
    "P-seen-service, S3-example-answer",
    check,
    grade="assumed",
)
