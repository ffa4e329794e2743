"""A refusal of the content itself was tried again unchanged: 50411, 50412, 50413 and the like can never pass."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.model import CodeRow
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, named, row_of, was_seen

NAME = "retried_refusal"
LACKS_RIGHT = (401, 403)


def judge(evidence: Evidence) -> Iterator[Finding]:
    for refused, again in evidence.retries():
        if not was_seen(refused) or not _can_never_pass(row_of(refused)):
            continue
        seen = f"the same request was sent again after {named(refused)}, which is decided by its content"
        fix = f"Do not retry {refused.code}: tell the customer, or change the picture or the prompt."
        yield Finding(NAME, "error", seen, fix, ids((refused, again)))


def _can_never_pass(row: CodeRow) -> bool:
    """The service's own word on this request; what lacks a right is retried_auth_error.py's."""
    return row.envelope == "service" and row.retryable is False and row.http_status not in LACKS_RIGHT
