"""`time_elapsed` is text as Go writes a duration: 3.940519855s, 30.019409ms, 129.115µs."""

from __future__ import annotations

import re

from ..model import Exchange
from .base import Check, Texts, is_service_answer, short

SHAPE = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)(s|ms|µs|ns))?")
UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, None: 0.0}


def seconds(text: object) -> float | None:
    """The length of a Go duration, or None when it is none."""
    found = SHAPE.fullmatch(text) if isinstance(text, str) and text else None
    if found is None:
        return None
    hours, minutes, amount, unit = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(amount or 0) * UNITS[unit]


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    found = exchange.answer.members.get("time_elapsed")
    if is_service_answer(exchange) and seconds(found) is None:
        yield f"time_elapsed is {short(found)}, wanted a duration such as '3.940519855s'"


CHECK = Check("time_elapsed_is_duration", "a duration is written as Go writes it",
              "S3-example-answer, S1-example-answer, S2-example-answer, P-seen-service", check,
              grade="example")  # fmt: skip
