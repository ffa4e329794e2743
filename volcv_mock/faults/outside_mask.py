"""outside_mask: everything that the mask protects is changed too, and plainly.

Each channel outside the mask is moved half way round its range, so no pixel keeps its value. In life a
model's decoder shifts the colours of the whole picture. Only requests with a mask can show it.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import mask_pixels, opened, repainted
from volcv_mock.model import Job, Painted


def apply(painted: Painted, job: Job) -> Painted:
    """Shift every channel outside the mask by half its range; a job without a mask is left alone."""
    if len(job.pictures) < 2:
        return painted
    from PIL import Image  # lazy: start-up time

    picture = opened(painted)
    mask = mask_pixels(job.pictures[1], picture.size)
    moved = picture.point([(value + 128) % 256 for value in range(256)] * 3)
    return repainted(Image.composite(picture, moved, mask.point([255 if value else 0 for value in range(256)])))


FAULT = Fault(
    name="outside_mask",
    hook="picture",
    stage="picture",
    summary="what the mask protects is changed too",
    apply=apply,
    needs="mask",
)
