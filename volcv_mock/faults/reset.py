"""reset: the client gets "connection reset by peer" (a TCP RST) instead of an answer.

In life a load balancer or NAT box drops the connection while the model works, or a worker is killed.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

FAULT = Fault(
    name="reset",
    hook="wire",
    stage="wire",
    summary="the connection is reset (TCP RST) instead of an answer",
    apply=on_the_wire("reset"),
)
