"""After 50429 or 50430 the client retried at once, earlier than Retry-After allows, or with pauses that do not grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, asks_to_wait, ids, named

NAME = "no_back_off"
LEAST_PAUSE_S = 0.5
"""A rate is counted per second, so an earlier retry meets the same window. Assumed: no document gives a figure."""
PAUSES_TO_COMPARE = 3
GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class RetryPause:
    """A call answered 429, the next attempt, and the seconds between them."""

    call: Entry
    again: Entry
    pause_s: float


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each request that was retried too early, or else with pauses that do not grow."""
    for group in evidence.attempts():
        waits = list(_waits(group))
        early = next((wait for wait in waits if wait.pause_s < _least_s(wait.call)), None)
        if early:
            yield _too_early(early)
        elif _is_level([wait.pause_s for wait in waits]):
            yield _never_slower(group, waits)


def _waits(group: Sequence[Entry]) -> Iterator[RetryPause]:
    """From the end of each 429 to the next attempt; not if that was sent before the response was received."""
    for call, again in pairwise(group):
        pause_s = (again.retry or {}).get("waited_s")
        if asks_to_wait(call) and pause_s is not None:
            yield RetryPause(call, again, float(pause_s))


def _least_s(call: Entry) -> float:
    return float(call.retry_after_s) if call.retry_after_s.isdigit() else LEAST_PAUSE_S


def _is_level(pauses: Sequence[float]) -> bool:
    return len(pauses) >= PAUSES_TO_COMPARE and max(pauses) < GROWTH * min(pauses)


def _too_early(wait: RetryPause) -> Finding:
    call, least_s = wait.call, _least_s(wait.call)
    header = f", Retry-After was {least_s:g} s" if call.retry_after_s else ""
    seen = f"the same request was sent again {wait.pause_s:.3f} s after {named(call)}{header}"
    fix = f"Wait at least {least_s:g} s after a 429, longer after each attempt, and respect Retry-After."
    return Finding(NAME, "error", seen, fix, ids((call, wait.again)))


def _never_slower(group: Sequence[Entry], waits: Sequence[RetryPause]) -> Finding:
    pauses = ", ".join(f"{wait.pause_s:.2f}" for wait in waits)
    seen = f"the pauses between attempts do not grow: {pauses} s after {named(waits[0].call)}"
    return Finding(NAME, "warning", seen, "Use exponential back-off with jitter after a 429.", ids(group))
