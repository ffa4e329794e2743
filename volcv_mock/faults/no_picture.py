"""no_picture: HTTP 200, code 10000, and no picture.

In life a review removes the only picture and reports a success. A client that reads the first item of an empty
list breaks.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.model import Outcome


def apply(outcome: Outcome) -> Outcome:
    """Remove the picture; the success stays."""
    return replace(outcome, painted=None)


FAULT = Fault(
    name="no_picture",
    hook="outcome",
    stage="model",
    summary="HTTP 200, code 10000, and no picture",
    apply=apply,
)
