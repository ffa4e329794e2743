"""The mask is probably inverted: the white area is edited (S1 and S3, mask图要求). A note in the journal says why."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "mask_perhaps_inverted"
NOTE = "mask perhaps inverted"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each call with the journal's note of a mostly white mask."""
    for call in evidence.calls:
        note = next((note for note in call.notes if note.startswith(NOTE)), None)
        if note:
            fix = "White marks the area to change: invert the mask if it should mark the area to keep."
            yield Finding(NAME, "warning", note, fix, ids((call,)))
