"""A picture was asked for as URL and nobody fetched it; the link dies after a day."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids, was_seen

NAME = "url_never_fetched"


def judge(evidence: Evidence) -> Iterator[Finding]:
    for call in evidence.calls:
        if not call.picture_id or not was_seen(call) or evidence.reads(call.picture_id):
            continue
        fix = "Fetch the picture soon and keep it yourself; its link is good for 24 h. Else ask without return_url."
        yield Finding(NAME, "warning", "return_url was asked for and the picture never fetched", fix, ids((call,)))
