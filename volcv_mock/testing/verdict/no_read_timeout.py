"""The client waited until the end of a response that never began."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "no_read_timeout"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each hanging response that the mock, not the client, ended."""
    for call in evidence.calls:
        if call.wire != "hang" or call.client != "broken_on_purpose":
            continue
        seen = (
            f"the client waited {call.delay_s or 0:g} s for a hanging response: it has no read timeout, or a longer one"
        )
        fix = "Set a read timeout a little above the slowest response that you accept, such as 60 s."
        yield Finding(NAME, "error", seen, fix, ids((call,)))
