"""The client made one attempt and no other after a retryable failure such as 50430 or 50500."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, code_of, ids, may_pass_later, named

NAME = "gave_up"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each single attempt that met a retryable failure with nothing after it."""
    last = {call.req_key: call.id for call in evidence.calls}
    for group in evidence.attempts():
        call = group[0]
        if len(group) > 1 or not may_pass_later(call):
            continue
        if last[call.req_key] != call.id:
            continue  # a later call may be a retry with another seed: the wire does not show it
        seen = f"a single attempt: {named(call)}"
        fix = f"Retry after {code_of(call)}: a few times, with growing pauses."
        yield Finding(NAME, "error", seen, fix, ids(group))
