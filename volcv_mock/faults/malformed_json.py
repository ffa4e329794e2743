"""malformed_json: the real body without its last brace, with the real status and headers.

The client's JSON parser raises. In life a gateway cuts an answer at its buffer's size and corrects the
Content-Length. The length is right here; the fault with a wrong length is `truncate`.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Draft, Fault

LAST_BRACE = len(b"}")


def apply(draft: Draft) -> Draft:
    """Cut the last brace off the body, which is rendered and counted as always."""
    return replace(draft, cut_bytes=LAST_BRACE)


FAULT = Fault(
    name="malformed_json",
    hook="reply",
    stage="reply",
    summary="a body that is not JSON: its last brace is missing",
    apply=apply,
)
