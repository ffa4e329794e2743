"""unchanged: the picture comes back as it went in, re-encoded, although the answer says Success.

In life a model finds nothing to do, or a reseller hands the input back on failure and calls it a
success. Only a client that compares the pixels notices.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import input_pixels, repainted
from volcv_mock.model import Job, Painted


def apply(painted: Painted, job: Job) -> Painted:
    """Encode the first input picture; without pictures, the painted one stays."""
    return repainted(input_pixels(job.pictures[0])) if job.pictures else painted


FAULT = Fault(
    name="unchanged",
    hook="picture",
    stage="picture",
    summary="the input picture comes back, re-encoded",
    apply=apply,
)
