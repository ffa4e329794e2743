"""The client waited out an answer that never began."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "no_read_timeout"


def judge(evidence: Evidence) -> Iterator[Finding]:
    for call in evidence.calls:
        if call.wire != "hang" or call.client != "broken_on_purpose":
            continue
        seen = f"the client waited out a hang of {call.delay_s or 0:g} s: it has no read timeout, or a longer one"
        fix = "Give the client a read timeout a little above the slowest answer you accept, such as 60 s."
        yield Finding(NAME, "error", seen, fix, ids((call,)))
