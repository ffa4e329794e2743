"""hang: no byte at all until the client leaves or `duration_s` pass (120 s unless asked), then it closes.

In life a worker waits for a model that never comes back. A client without a read timeout hangs too.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

USUAL_S = 120.0

FAULT = Fault(
    name="hang",
    hook="wire",
    stage="wire",
    summary="no answer until the client leaves or `duration_s` pass",
    apply=on_the_wire("hang", USUAL_S),
    takes_duration=True,
)
