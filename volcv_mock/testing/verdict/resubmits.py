"""The same body was submitted again while its task was not asked for, or had not ended: every submit is paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, was_seen

NAME = "resubmits"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each body that was submitted again too early."""
    for group in evidence.attempts():
        submits = [call for call in group if call.step == "submit" and _is_accepted(call)]
        again = [pair for pair in pairwise(submits) if not _had_ended(*pair, evidence.calls)]
        if again:
            seen = f"{len(again)} times the same body was submitted again before the task of the first submit had ended"
            fix = "Poll the task that the first submit returned; submit again only after expired or not_found."
            calls = tuple(dict.fromkeys(call.id for pair in again for call in pair))
            yield Finding(NAME, "error", seen, fix, calls)


def _is_accepted(call: Entry) -> bool:
    return was_seen(call) and call.code == contract.success().code


def _had_ended(first: Entry, second: Entry, calls: Sequence[Entry]) -> bool:
    """Whether a poll between the two submits showed the end of the first task."""
    polls = (call for call in calls if call.step == "result" and call.task_id == first.task_id)
    between = (poll for poll in polls if first.number < poll.number < second.number)
    return any(poll.task_status not in ("in_queue", "generating") for poll in between)
