"""The client went on polling a task that had ended with a code: it looks for a status and ignores `code`."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, named, polls_after, polls_of, row_of

NAME = "ignores_task_code"
MANY = 3


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each failed task that was polled on."""
    for polls in polls_of(evidence):
        after = polls_after(polls, _has_failed)
        if len(after) > MANY:
            seen = f"{len(after) - 1} more polls of task {after[0].task_id} after it had ended with {named(after[0])}"
            fix = "Check `code` before `data`: a task that failed has no data.status, and its answer does not change."
            yield Finding(NAME, "error", seen, fix, ids(after))


def _has_failed(poll: Entry) -> bool:
    """Whether the answer is about the task, not about the poll: a review, or a failure of the model."""
    row = row_of(poll)
    return row.http_status >= 400 and row.http_status != 429 and row.phase in ("model", "after") and not poll.problems
