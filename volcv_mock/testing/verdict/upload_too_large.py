"""A picture or the whole body is larger than documented."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "upload_too_large"
RULES = ("picture_size_bytes", "body_too_large")


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each call that was refused for the size of a picture or of the body."""
    for call in evidence.calls:
        problem = next((each for each in call.problems if each["rule"] in RULES), None)
        if problem is None:
            continue
        seen = f"{problem['where']}: {problem['found']}; wanted {problem['wanted']}"
        fix = f"Scale or compress pictures before sending them, to at most {contract.limits().max_bytes} bytes each."
        yield Finding(NAME, "error", seen, fix, ids((call,)))
