"""wrong_size: the right picture at half the width and half the height.

In life a model works at a resolution of its own and nobody scales the result back. A client that lays the
answer over the original shows it displaced.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import opened, repainted
from volcv_mock.model import Job, Painted


def apply(painted: Painted, job: Job) -> Painted:
    """Halve both sides, rounded up, so that a side of 1 px stays."""
    from PIL.Image import Resampling  # lazy: start-up time

    from volcv_mock.imaging.boxes import scaled

    picture, size = opened(painted), ((painted.width + 1) // 2, (painted.height + 1) // 2)
    return repainted(scaled(picture, (0, 0, *picture.size), size, Resampling.BICUBIC))


FAULT = Fault(
    name="wrong_size",
    hook="picture",
    stage="picture",
    summary="the picture at half its width and height",
    apply=apply,
)
