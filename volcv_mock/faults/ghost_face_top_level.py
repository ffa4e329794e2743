"""ghost_face_top_level: 201304 as the answer's own `code`, `data` null.

The other place where the number of S0 and S3 may appear in life. A client must show its fallback
picture for both. It costs the model's time.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock import contract
from volcv_mock.faults.base import Fault
from volcv_mock.model import Outcome

ROW = "201304_top_level"


def apply(outcome: Outcome) -> Outcome:
    """Turn the outcome into the code row of 201304, without a picture."""
    return replace(outcome, row=contract.row(ROW), painted=None)


FAULT = Fault(
    name="ghost_face_top_level",
    hook="outcome",
    stage="model",
    summary="201304 as the top-level code, data null",
    apply=apply,
    row=ROW,
)
