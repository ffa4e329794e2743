"""bad_length: the whole body arrives, but Content-Length promises more.

The client waits for bytes that never come, until its own read timeout. In life a proxy recodes the
body and leaves the header as it was.
"""

from __future__ import annotations

from volcv_mock.faults.base import Fault, on_the_wire

FAULT = Fault(
    name="bad_length",
    hook="wire",
    stage="wire",
    summary="Content-Length is larger than the body that follows",
    apply=on_the_wire("bad_length"),
)
