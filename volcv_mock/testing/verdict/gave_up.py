"""The client gave up after one 50430, 50500 or the like, which the next try may well pass."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids, may_pass_later, named

NAME = "gave_up"


def judge(evidence: Evidence) -> Iterator[Finding]:
    last = {(call.scope, call.req_key): call.id for call in evidence.calls}
    for group in evidence.attempts():
        call = group[0]
        if len(group) > 1 or not may_pass_later(call):
            continue
        if last[call.scope, call.req_key] != call.id:
            continue  # a later call may be this wish with another seed: the wire does not tell
        seen = f"one try, then none: {named(call)}"
        fix = f"Try again after {call.code or call.row}: a few times, with growing pauses."
        yield Finding(NAME, "error", seen, fix, ids(group))
