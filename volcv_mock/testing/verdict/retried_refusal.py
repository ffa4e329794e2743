"""A request refused for its content was sent again unchanged: 50411, 50412, 50413 and others never succeed."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.journal import Entry
from volcv_mock.model import CodeRow
from volcv_mock.testing.verdict.base import Evidence, Finding, code_of, ids, named, row_of, was_seen

NAME = "retried_refusal"
LACKS_RIGHT = (401, 403)


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each retry of a refusal that the content decides."""
    for refused, again in (*evidence.retries(), *_resubmitted(evidence)):
        if not was_seen(refused) or not _can_never_pass(row_of(refused)) or again.step == "result":
            continue
        seen = f"the same request was sent again after {named(refused)}, which is decided by its content"
        fix = f"Do not retry {code_of(refused)}: report it to the user, or change the picture or the prompt."
        yield Finding(NAME, "error", seen, fix, ids((refused, again)))


def _resubmitted(evidence: Evidence) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of the answer with which a task ended, and a later submit of the body that the task had."""
    bodies = {call.task_id: call.attempt for call in evidence.calls if call.step == "submit"}
    for index, refused in enumerate(evidence.calls):
        body = bodies.get(refused.task_id) if refused.step == "result" and refused.task_id else None
        later = (call for call in evidence.calls[index + 1 :] if call.step == "submit" and call.attempt == body)
        if body and (again := next(later, None)):
            yield refused, again


def _can_never_pass(row: CodeRow) -> bool:
    """Whether the code depends on the content. Missing permissions are reported by retried_auth_error.py."""
    return row.envelope == "service" and row.retryable is False and row.http_status not in LACKS_RIGHT
