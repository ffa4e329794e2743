"""A refusal carries no data and no picture: `data` is null."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, is_service_answer, short, was_refused


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if not is_service_answer(exchange) or not was_refused(exchange):
        return
    data = exchange.answer.members.get("data")
    if exchange.picture_place:
        yield f"a picture came with code {exchange.answer.code}"
    if data is not None:
        yield f"data is {short(data)}, wanted null"


CHECK = Check("no_data_on_refusal", "data is null on a refusal", "P-seen-service", check, grade="seen")
