"""corrupt_jpeg: a JPEG with sound headers that ends in the middle of its pixels.

Sizes can be read, the picture cannot: most decoders raise, browsers show the upper part. In life an
upload to the picture store is cut off and nobody looks. Base64 and JSON are sound.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import recoded
from volcv_mock.model import Job, Painted

START_OF_SCAN = b"\xff\xda"
"""Inside the pixel data no 0xFF is followed by 0xDA, so the last occurrence is the last scan's marker."""


def apply(painted: Painted, job: Job) -> Painted:
    """Cut the file in the middle of its first scan."""
    scan = max(painted.data.rfind(START_OF_SCAN), 0)
    return recoded(painted, painted.data[: scan + (len(painted.data) - scan) // 2])


FAULT = Fault(
    name="corrupt_jpeg",
    hook="picture",
    stage="picture",
    summary="a JPEG that ends in the middle of its pixels",
    apply=apply,
)
