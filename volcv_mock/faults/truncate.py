"""truncate: status, headers and full Content-Length, then half the body, then the connection closes.

The client sees an incomplete read; one that ignores the length sees broken JSON. In life a megabyte of
base64 meets a proxy that stops reading its upstream.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

FAULT = Fault(
    name="truncate",
    hook="wire",
    stage="wire",
    summary="full Content-Length, half the body, then the connection closes",
    apply=on_the_wire("truncate"),
)
