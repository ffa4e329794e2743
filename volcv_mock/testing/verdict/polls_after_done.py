"""The client went on polling a task whose picture it had received."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, polls_after, polls_of

NAME = "polls_after_done"
MANY = 3
"""A done task may be asked again, for example when the picture could not be saved."""


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each task that was polled on after it was done."""
    success = contract.success().code
    for polls in polls_of(evidence):
        after = polls_after(polls, lambda poll: poll.code == success and poll.task_status == "done")
        if len(after) > MANY:
            seen = f"{len(after) - 1} more polls of task {after[0].task_id} after its status was done"
            yield Finding(NAME, "error", seen, "Stop polling when data.status is done.", ids(after))
