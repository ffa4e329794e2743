"""Durations as text: read what a user types ("250ms"), write what the service sends ("3.940519855s").

`go_duration` writes exactly what Go's time.Duration.String writes, because `time_elapsed` is that
(contract: 3.940519855s, 30.019409ms, 129.115µs). `parse` reads the same grammar, without a sign.
"""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST_S = 86_400.0
"""No delay or duration asked for may be longer than a day: beyond it, a slip is likelier than a wish."""

_SECOND_NS = 1_000_000_000
_UNITS_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": _SECOND_NS,
             "m": 60 * _SECOND_NS, "h": 3_600 * _SECOND_NS}  # fmt: skip
_PART = r"(\d{1,18}(?:\.\d{1,18})?|\.\d{1,18})(ns|us|µs|μs|ms|s|m|h)"
_WHOLE = re.compile(rf"(?:{_PART})+", re.ASCII)
_PIECE = re.compile(_PART, re.ASCII)


class BadDuration(ValueError):
    """A text that is no duration; the message says what is."""


def parse(text: str) -> float:
    """Seconds. "3s", "250ms", "2.5s", "1m30s"; at most a day, never negative. Raises BadDuration."""
    if not _WHOLE.fullmatch(text):
        raise BadDuration(f"{text[:40]!r} is no duration; write a number and its unit: 250ms, 2.5s, 1m30s{_hint(text)}")
    total_ns = sum(Decimal(number) * _UNITS_NS[unit] for number, unit in _PIECE.findall(text))
    seconds = float(total_ns / _SECOND_NS)
    if seconds > LONGEST_S:
        raise BadDuration(f"{text[:40]!r} is longer than a day; the longest is {go_duration(LONGEST_S)}")
    return seconds


def go_duration(seconds: float) -> str:
    """As Go prints a time.Duration of that many seconds, rounded to the nanosecond."""
    nanoseconds = round(seconds * _SECOND_NS)
    sign = "-" if nanoseconds < 0 else ""
    return sign + _unsigned(abs(nanoseconds))


def _unsigned(nanoseconds: int) -> str:
    if nanoseconds == 0:
        return "0s"
    for unit in ("ns", "µs", "ms"):
        if nanoseconds < 1_000 * _UNITS_NS[unit]:
            return _decimal(nanoseconds, _UNITS_NS[unit]) + unit
    minutes, rest = divmod(nanoseconds, _UNITS_NS["m"])
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{_decimal(rest, _SECOND_NS)}s"


def _decimal(value: int, unit: int) -> str:
    """value / unit in full, without trailing zeros; `unit` is a power of ten."""
    whole, fraction = divmod(value, unit)
    digits = f"{fraction:0{len(str(unit)) - 1}d}".rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _hint(text: str) -> str:
    return f" (did you mean {text}s?)" if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII) else ""
