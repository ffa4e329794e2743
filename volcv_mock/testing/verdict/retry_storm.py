"""One request was tried very often, or several times within a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, was_seen

NAME = "retry_storm"
MOST_TRIES = 8
"""The most patient client read in public tries seven times."""
BURST_TRIES, BURST_S = 4, 1.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    for group in evidence.attempts():
        tries = _tries(group)
        windows = (tries[start : start + BURST_TRIES] for start in range(len(tries)))
        burst = next(filter(_is_burst, windows), ())
        if len(tries) < MOST_TRIES and not burst:
            continue
        span_s = tries[-1].time_s - tries[0].time_s
        seen = f"{len(tries)} tries of the same request within {span_s:.1f} s"
        fix = "Bound the number of tries (3 to 5), and wait longer after each, with some chance in it."
        yield Finding(NAME, "error", seen, fix, ids(tries if len(tries) >= MOST_TRIES else burst))


def _tries(group: Sequence[Entry]) -> Sequence[Entry]:
    """Up to the first success: an equal request after that is a new wish, not a retry. Nor is one that was sent
    while the answer before was still on its way."""
    tries = []
    for call in group:
        if call is group[0] or (call.retry or {}).get("waited_s") is not None:
            tries.append(call)
        if was_seen(call) and call.status == 200 and not call.algorithm_status:
            break
    return tries


def _is_burst(tries: Sequence[Entry]) -> bool:
    return len(tries) == BURST_TRIES and tries[-1].time_s - tries[0].time_s < BURST_S
