"""black: a picture of the right size, entirely black.

In life a safety filter blanks what it does not like, or a model overflows in half precision. The answer
says Success.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import repainted
from volcv_mock.model import Job, Painted


def apply(painted: Painted, job: Job) -> Painted:
    """Replace the picture by a black one of its size."""
    from PIL import Image  # lazy: start-up time

    return repainted(Image.new("RGB", (painted.width, painted.height)))


FAULT = Fault(
    name="black",
    hook="picture",
    stage="picture",
    summary="an entirely black picture of the right size",
    apply=apply,
)
