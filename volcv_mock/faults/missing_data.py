"""missing_data: an answer without its `data` member (a gateway's answer loses `Error`, a proxy's `error`).

The status stays 200 and `code` 10000. In life a service behind the gateway is a version ahead of the
client, or answered from a half-filled cache. A client that indexes without looking breaks here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from volcv_mock.faults.base import Draft, Fault

LOST = ("data", "Error", "error")


def apply(draft: Draft) -> Draft:
    """Remove the member that carries the content."""
    return replace(draft, document=_without(draft.document), pictures_base64=())


def _without(document: dict[str, Any]) -> dict[str, Any]:
    """Two levels deep: `Error` lies inside ResponseMetadata."""
    return {name: _thinned(value) for name, value in document.items() if name not in LOST}


def _thinned(value: Any) -> Any:
    return {name: inner for name, inner in value.items() if name not in LOST} if isinstance(value, dict) else value


FAULT = Fault(
    name="missing_data",
    hook="reply",
    stage="reply",
    summary="the member `data` is missing from the answer",
    apply=apply,
)
