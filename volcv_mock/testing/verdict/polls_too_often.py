"""One task was asked for more often than once a second."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from volcv_mock.testing.verdict.base import Evidence, Finding, ids, polls_of

NAME = "polls_too_often"
LEAST_PAUSE_S = 1.0
"""Public clients wait 2 to 5 s. Assumed: no document gives a figure."""
MANY = 3


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each task that was polled too often."""
    for polls in polls_of(evidence):
        fast = [again for poll, again in pairwise(polls) if again.time_s - poll.time_s < LEAST_PAUSE_S]
        if len(fast) < MANY:
            continue
        seen = f"{len(fast)} polls of task {polls[0].task_id} less than {LEAST_PAUSE_S:g} s after the one before"
        yield Finding(NAME, "warning", seen, "Wait 2 to 5 s between two polls of a task.", ids(fast))
