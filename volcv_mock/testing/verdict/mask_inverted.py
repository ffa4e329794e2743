"""The mask looks inverted: white is what gets edited (S1 and S3, mask图要求). The journal's notes say why."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "mask_perhaps_inverted"
NOTE = "mask perhaps inverted"


def judge(evidence: Evidence) -> Iterator[Finding]:
    for call in evidence.calls:
        note = next((note for note in call.notes if note.startswith(NOTE)), None)
        if note:
            fix = "White is the area to change: invert the mask if that was not meant."
            yield Finding(NAME, "warning", note, fix, ids((call,)))
