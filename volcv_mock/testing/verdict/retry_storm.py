"""One request was attempted very often, or several times within one second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, was_seen

NAME = "retry_storm"
MAX_ATTEMPTS = 8
"""The most attempts of any public client that was read are seven."""
BURST_ATTEMPTS, BURST_S = 4, 1.0


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each request with too many attempts, or too many within a second."""
    for group in evidence.attempts():
        attempts = _attempts(group)
        windows = (attempts[start : start + BURST_ATTEMPTS] for start in range(len(attempts)))
        burst = next(filter(_is_burst, windows), ())
        if len(attempts) < MAX_ATTEMPTS and not burst:
            continue
        span_s = attempts[-1].time_s - attempts[0].time_s
        seen = f"{len(attempts)} attempts at the same request within {span_s:.1f} s"
        fix = "Limit the number of attempts (3 to 5), and use exponential back-off with jitter."
        yield Finding(NAME, "error", seen, fix, ids(attempts if len(attempts) >= MAX_ATTEMPTS else burst))


def _attempts(group: Sequence[Entry]) -> Sequence[Entry]:
    """The attempts up to the first success: an equal request after it is a new request. A request that was sent before
    the previous response was received is not a retry either."""
    attempts = []
    for call in group:
        if call is group[0] or (call.retry or {}).get("waited_s") is not None:
            attempts.append(call)
        if was_seen(call) and call.status == 200 and not call.algorithm_status:
            break
    return attempts


def _is_burst(attempts: Sequence[Entry]) -> bool:
    return len(attempts) == BURST_ATTEMPTS and attempts[-1].time_s - attempts[0].time_s < BURST_S
