"""ghost_face: HTTP 200, code 10000, and `data.algorithm_base_resp.status_code` 201304 without a picture.

In life the algorithm drew a face that nobody should see and gives a number of its own instead (S0, S3);
a client that looks at `code` alone takes an answer without a picture for a success. The documents name
the number but no place for it: this is the likelier one, so the bare number 201304 asks for it too.
It costs the model's time.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock import contract
from volcv_mock.faults.base import Fault
from volcv_mock.model import Outcome

ROW = "201304"


def apply(outcome: Outcome) -> Outcome:
    """Turn the outcome into a success whose `algorithm_base_resp` says 201304, without a picture."""
    return replace(outcome, row=contract.success(), algorithm_status=contract.row(ROW).code or 0, painted=None)


FAULT = Fault(
    name="ghost_face",
    hook="outcome",
    stage="model",
    summary="HTTP 200, code 10000, data.algorithm_base_resp.status_code 201304, no picture",
    apply=apply,
    row=ROW,
)
