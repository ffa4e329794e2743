"""empty: the server closes the connection without a single byte.

The client sees "empty reply" or "server disconnected". In life a proxy restarts between taking the
request and answering it.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

FAULT = Fault(
    name="empty",
    hook="wire",
    stage="wire",
    summary="the connection is closed normally before the first byte",
    apply=on_the_wire("empty"),
)
