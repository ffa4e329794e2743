"""After 50429 or 50430 the client came back at once, or earlier than Retry-After said, or never more slowly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, asks_to_wait, ids, named

NAME = "no_back_off"
LEAST_PAUSE_S = 0.5
"""A rate is counted per second: coming back sooner meets the same window. A figure of ours, no document has one."""
PAUSES_TO_COMPARE = 3
GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that was told to come later, the next try, and the seconds between them."""

    call: Entry
    again: Entry
    pause_s: float


def judge(evidence: Evidence) -> Iterator[Finding]:
    for group in evidence.attempts():
        waits = list(_waits(group))
        early = next((wait for wait in waits if wait.pause_s < _least_s(wait.call)), None)
        if early:
            yield _too_early(early)
        elif _is_level([wait.pause_s for wait in waits]):
            yield _never_slower(group, waits)


def _waits(group: Sequence[Entry]) -> Iterator[Wait]:
    """From the end of each 429 to the next try; not when that came while the answer was on its way."""
    for call, again in pairwise(group):
        pause_s = (again.retry or {}).get("waited_s")
        if asks_to_wait(call) and pause_s is not None:
            yield Wait(call, again, float(pause_s))


def _least_s(call: Entry) -> float:
    return float(call.retry_after_s) if call.retry_after_s.isdigit() else LEAST_PAUSE_S


def _is_level(pauses: Sequence[float]) -> bool:
    return len(pauses) >= PAUSES_TO_COMPARE and max(pauses) < GROWTH * min(pauses)


def _too_early(wait: Wait) -> Finding:
    call, least_s = wait.call, _least_s(wait.call)
    told = f", Retry-After said {least_s:g} s" if call.retry_after_s else ""
    seen = f"the same request came again {wait.pause_s:.3f} s after {named(call)}{told}"
    fix = f"Wait at least {least_s:g} s after a 429, longer after each, and heed Retry-After when it is there."
    return Finding(NAME, "error", seen, fix, ids((call, wait.again)))


def _never_slower(group: Sequence[Entry], waits: Sequence[Wait]) -> Finding:
    pauses = ", ".join(f"{wait.pause_s:.2f}" for wait in waits)
    seen = f"the pauses between tries do not grow: {pauses} s after {named(waits[0].call)}"
    return Finding(NAME, "warning", seen, "Double the pause after each 429, with some chance in it.", ids(group))
