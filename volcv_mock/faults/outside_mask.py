"""outside_mask: everything that the mask protects is changed too, and plainly.

Each channel outside the mask is moved half way round its range, so no pixel keeps its value. In life a
model's decoder shifts the colours of the whole picture. Only requests with a mask can show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import mask_pixels, opened, repainted
from volcv_mock.model import Job, Painted, Picture

if TYPE_CHECKING:
    from PIL.Image import Image


def apply(painted: Painted, job: Job) -> Painted:
    """Shift every channel outside the mask by half its range; a job without a mask is left alone."""
    return repainted(_shifted(painted, job.pictures[1])) if len(job.pictures) > 1 else painted


def _shifted(painted: Painted, mask: Picture) -> Image:
    from volcv_mock.imaging.boxes import slices  # lazy: start-up time
    from volcv_mock.imaging.dilate import threshold

    picture = opened(painted)
    marks = mask_pixels(mask, picture.size)
    for box in slices((0, 0, *picture.size)):
        part = picture.crop(box)
        moved = part.point([(value + 128) % 256 for value in range(256)] * 3)
        moved.paste(part, (0, 0), marks.crop(box).point(threshold(1)))
        picture.paste(moved, box[:2])
    return picture


FAULT = Fault(
    name="outside_mask",
    hook="picture",
    stage="picture",
    summary="what the mask protects is changed too",
    apply=apply,
    needs="mask",
)
