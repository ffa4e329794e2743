"""The mask was sent as JPEG, which blurs its edges; it must be PNG (S1 and S3, mask图要求)."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "mask_as_jpeg"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each call whose mask is a JPEG, refused or not."""
    for call in evidence.calls:
        if not any(each["role"] == "mask" and each["format"] == "JPEG" for each in call.pictures):
            continue
        fix = "Keep the mask as an 8-bit PNG from the editor to the request: JPEG turns its edges grey."
        yield Finding(NAME, "error", "the mask was sent as JPEG", fix, ids((call,)))
