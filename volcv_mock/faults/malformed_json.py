"""malformed_json: the right status and headers, and a body whose last brace is missing.

The client's JSON parser raises. In life a gateway cuts an answer at its buffer's size and mends the
Content-Length. The length is right here: what breaks the length too is `truncate`.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import PICTURE, Draft, Fault, dumped


def apply(draft: Draft) -> Draft:
    whole = dumped(draft.document).replace(f'"{PICTURE}"'.encode(), b'"' + (draft.picture_base64 or b"") + b'"', 1)
    return replace(draft, override=whole[:-1])


FAULT = Fault(
    name="malformed_json",
    hook="reply",
    stage="reply",
    summary="a body that is not JSON: its last brace is missing",
    apply=apply,
)
