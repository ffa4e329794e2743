"""The test stated that the app showed a picture although the response was 201304 (S0, S3: show a fallback)."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids
from volcv_mock.testing.verdict.statements import is_ghost_face

NAME = "no_fallback"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each 201304 after which the test stated that a picture was shown."""
    for call in evidence.calls:
        if is_ghost_face(call) and evidence.shown.get(call.id) == "picture":
            fix = "Check data.algorithm_base_resp.status_code and code: on 201304 show a fallback picture."
            yield Finding(NAME, "error", "the app treated a response with 201304 as a picture", fix, ids((call,)))
