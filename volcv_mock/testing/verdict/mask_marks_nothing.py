"""The mask marks nothing: no value of it counts as white (S1 and S3, mask图要求). The journal's note says why.

Masks saved with 0 and 1 instead of 0 and 255 look black (PAL4Inpaint#4, GP-GAN#1).
"""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "mask_marks_nothing"
NOTE = "mask marks nothing"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each accepted call with the journal's note of a mask without white."""
    for call in evidence.calls:
        if call.problems:
            continue  # refused: nothing was edited
        note = next((note for note in call.notes if note.startswith(NOTE)), None)
        if note:
            fix = "Save the mask with 0 and 255: white is the area to change."
            yield Finding(NAME, "warning", note, fix, ids((call,)))
