"""A poll named the rounded or overflowed form of a task_id: the client made it a number."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "task_id_as_number"
WORD = 2**64


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each distorted id."""
    submits = [call for call in evidence.calls if call.step == "submit" and call.task_id]
    known = {call.task_id for call in submits}
    reported: set[str] = set()
    for poll in evidence.calls:
        if poll.step not in ("result", "cancel") or poll.task_id in known | reported:
            continue
        submit = next((each for each in submits if _is_distorted(poll.task_id, each.task_id)), None)
        if submit:
            reported.add(poll.task_id)
            yield _finding(submit, poll)


def _is_distorted(sent: str, task_id: str) -> bool:
    """Whether `sent` is the id as a double, shortened as JavaScript prints it, or as a signed 64-bit number."""
    try:
        number = float(sent)
    except ValueError:
        return False
    return number in (float(task_id), float(int(task_id) - WORD)) and sent != task_id


def _finding(submit: Entry, poll: Entry) -> Finding:
    seen = f"task {submit.task_id} was asked for as {poll.task_id}"
    fix = "Keep task_id as text: it is an unsigned 64-bit number, which doubles round and signed integers overflow."
    return Finding(NAME, "error", seen, fix, ids((submit, poll)))
