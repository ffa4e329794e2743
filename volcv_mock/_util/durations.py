"""Durations as text: `parse` reads user input ("250ms"), `go_duration` writes those of the service ("3.940519855s").

`go_duration` gives exactly the output of Go's time.Duration.String, which the service uses for `time_elapsed`
(contract: 3.940519855s, 30.019409ms, 129.115µs). `parse` reads the same grammar without a sign.
"""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST_S = 86_400.0
"""The longest delay or duration that can be requested, one day. A longer one is probably a typing error."""

_SECOND_NS = 1_000_000_000
_UNITS_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": _SECOND_NS,
             "m": 60 * _SECOND_NS, "h": 3_600 * _SECOND_NS}  # fmt: skip
_PART = r"(\d{1,18}(?:\.\d{1,18})?|\.\d{1,18})(ns|us|µs|μs|ms|s|m|h)"
_WHOLE = re.compile(rf"(?:{_PART})+", re.ASCII)
_PIECE = re.compile(_PART, re.ASCII)


class BadDuration(ValueError):
    """The text is not a duration; the message names the format."""


def parse(text: str) -> float:
    """Seconds. "3s", "250ms", "2.5s", "1m30s"; at most a day, never negative. Raises BadDuration."""
    if not _WHOLE.fullmatch(text):
        raise BadDuration(
            f"{text[:40]!r} is not a duration; write a number and its unit: 250ms, 2.5s, 1m30s{_hint(text)}"
        )
    total_ns = sum(Decimal(number) * _UNITS_NS[unit] for number, unit in _PIECE.findall(text))
    seconds = float(total_ns / _SECOND_NS)
    if seconds > LONGEST_S:
        raise BadDuration(f"{text[:40]!r} is longer than a day; the longest is {go_duration(LONGEST_S)}")
    return seconds


def go_duration(seconds: float) -> str:
    """The duration as Go prints it, rounded to nanoseconds."""
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
    """value / unit, exact, without trailing zeros; `unit` is a power of ten."""
    whole, fraction = divmod(value, unit)
    digits = str(unit + fraction)[1:].rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _hint(text: str) -> str:
    return f" (did you mean {text}s?)" if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII) else ""
