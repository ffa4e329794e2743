"""A request was refused because of its credentials or permissions, and was sent again with the same key."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Evidence, Finding, ids, named, row_of, was_seen

NAME = "retried_auth_error"
LACKS_RIGHT = (401, 403)


def _has_another_key(refused: Entry, again: Entry) -> bool:
    """Keys are masked in the journal, so a success also counts as a changed key, unless the refusal was injected."""
    return refused.key != again.key or (not refused.fired and row_of(again).http_status not in LACKS_RIGHT)


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each retry of a refusal of credentials or permissions."""
    for refused, again in evidence.retries():
        if not was_seen(refused) or row_of(refused).http_status not in LACKS_RIGHT or _has_another_key(refused, again):
            continue
        seen = f"the same request was sent again with the same key after HTTP {refused.status}, {named(refused)}"
        fix = f"Do not retry HTTP {refused.status}: report the key, the permission or the req_key to the operator."
        yield Finding(NAME, "error", seen, fix, ids((refused, again)))
