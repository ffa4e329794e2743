"""drip: the answer begins at once and its body arrives in pieces over `duration_s` (3 s unless asked).

No single read times out, only a limit on the whole call does. In life the line is slow, or a proxy
throttles. A delay is something else: there the first byte is late.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

USUAL_S = 3.0

FAULT = Fault(
    name="drip",
    hook="wire",
    stage="wire",
    summary="the body arrives in pieces over `duration_s`",
    apply=on_the_wire("drip", USUAL_S),
    takes_duration=True,
)
