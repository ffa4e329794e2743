"""A picture was requested as URL and never fetched; the link expires after a day."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids, was_seen

NAME = "url_never_fetched"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each picture link that was delivered and never fetched."""
    for call in evidence.calls:
        if not call.picture_id or not was_seen(call) or evidence.reads(call.picture_id):
            continue
        fix = "Fetch the picture soon and store it: its link is valid for 24 h. Otherwise do not send return_url."
        yield Finding(NAME, "warning", "return_url was requested and the picture was never fetched", fix, ids((call,)))
