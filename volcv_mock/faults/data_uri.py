"""data_uri: the picture's base64 begins with `data:image/jpeg;base64,`.

A strict decoder refuses it, a careless one decodes the prefix into rubbish before the picture. In life
services for web pages send it this way. Only answers with base64 can show it.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Draft, Fault

PREFIX = b"data:image/jpeg;base64,"


def apply(draft: Draft) -> Draft:
    """Put a data URI's prefix before the picture's base64; a reply without base64 stays as it is."""
    return replace(draft, pictures_base64=tuple(PREFIX + text for text in draft.pictures_base64))


FAULT = Fault(
    name="data_uri",
    hook="reply",
    stage="reply",
    summary="the picture's base64 has a data: prefix",
    apply=apply,
    needs="base64",
)
