"""The client went on polling a task that was not_found or expired: it does not handle these states."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids, polls_after, polls_of

NAME = "ignores_lost_task"
LOST = ("not_found", "expired")
MANY = 3


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each lost task that was polled on."""
    for polls in polls_of(evidence):
        after = polls_after(polls, lambda poll: poll.task_status in LOST)
        if len(after) > MANY:
            status = after[0].task_status
            seen = f"{len(after) - 1} more polls of task {after[0].task_id} after its status was {status}"
            fix = "Stop polling on not_found and expired, and submit the work again or report an error."
            yield Finding(NAME, "error", seen, fix, ids(after))
