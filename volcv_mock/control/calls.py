"""Handlers for calls: journal entries, their thumbnails, and the full-size pictures behind picture URLs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from volcv_mock.control.find import find
from volcv_mock.control.har import har
from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response, unknown
from volcv_mock.imaging.png_header import file_kind
from volcv_mock.journal.entries import iso
from volcv_mock.scope import DEFAULT_SCOPE

_STARTS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8": "jpeg", b"GIF8": "gif", b"RIFF": "webp", b"BM": "bmp",
}  # fmt: skip
ROLES = ("result", "picture", "mask", "mock")

_REFUSED: Mapping[str, str] = {
    "forbidden": "the x-signature of the link is not valid: the link was changed, or another mock created it",
    "expired": "the link has expired by the clock of the mock",
    "evicted": "the picture was evicted before its link expired; raise --pictures-bytes to keep more pictures",
    "unknown": "unknown picture; the mock may have been reset",
}


def list_calls(request: ControlRequest) -> ControlResponse:
    """The newest calls that match the query, in the order in which they were received; `more`: older ones match too."""
    found, has_more = find(request)
    journal = request.world.journal
    usage: dict[str, Any] = {
        "held_bytes": journal.held_bytes, "budget_bytes": journal.budget_bytes, "evicted": journal.evicted,
        "lost": journal.lost,
    }  # fmt: skip
    if journal.began:
        usage["began"] = iso(float(journal.began))
    return json_response({"calls": [entry.to_dict() for entry in found], "more": has_more, "journal": usage})


def archive(request: ControlRequest) -> ControlResponse:
    """The same calls as an HTTP archive."""
    found, _ = find(request)
    return ControlResponse(json.dumps(har(found)).encode(), headers=(("Content-Disposition", "attachment"),))


def clear_calls(request: ControlRequest) -> ControlResponse:
    """Remove the calls of the scope; gives the number removed."""
    request.world.full_pictures.clear(request.scope)
    return json_response({"removed": request.world.journal.clear(request.scope)})


def one_call(request: ControlRequest) -> ControlResponse:
    """The call that the path names; 404 if it is unknown."""
    return json_response(_entry(request))


def thumbnail(request: ControlRequest) -> ControlResponse:
    """The thumbnail that `?of=` names: result, picture, mask or, in the mode `diff`, mock.

    Without it the first of these that exists.
    """
    available = [role for role in ROLES if role in _entry(request)["thumbnails"]]
    role = request.query.get("of") or next(iter(available), "result")
    if role not in ROLES:
        raise unknown(role, ROLES, "picture")
    data = request.world.journal.thumbnail(request.path["call_id"], role)
    if data is None:
        raise ControlError(404, f"this call has no thumbnail of its {role}", permitted=available)
    return ControlResponse(data, content_type="image/jpeg")


def full_picture(request: ControlRequest) -> ControlResponse:
    """The picture of that role as it was sent or received, where `--keep-bodies` gives it memory."""
    role, kept = request.query.get("of") or "result", request.world.full_pictures
    if role not in ROLES:
        raise unknown(role, ROLES, "picture")
    call_id = str(_entry(request)["id"])
    data = kept.get(call_id, role)
    if data is None:
        why = "" if kept.budget_bytes else "; start the mock with --keep-bodies BYTES to keep full pictures"
        raise ControlError(404, f"the full {role} of this call is not kept{why}", permitted=list(kept.roles(call_id)))
    return ControlResponse(data, content_type=media_type(data))


def media_type(data: bytes) -> str:
    """That of a picture by its first bytes. What is no picture is never served as something that could run."""
    kind = next((kind for start, kind in _STARTS.items() if data.startswith(start)), "")
    return f"image/{kind}" if kind else "application/octet-stream"


def image(request: ControlRequest) -> ControlResponse:
    """A picture that was returned as URL, until its link expires by the clock of its scope."""
    picture_id, store = request.path["picture_id"], request.world.pictures
    scope = request.world.scope(store.scope_of(picture_id) or DEFAULT_SCOPE).refreshed()
    found = store.get(picture_id, request.query, scope.clock.now_s())
    if found.verdict != "found":
        raise ControlError(found.status, _REFUSED[found.verdict])
    headers = (("Cache-Control", "no-store"), ("Cross-Origin-Resource-Policy", "cross-origin"))
    return ControlResponse(found.data, content_type=f"image/{file_kind(found.data)}", headers=headers)


def _entry(request: ControlRequest) -> dict[str, Any]:
    entry = request.world.journal.get(request.path["call_id"])
    if entry is None:
        raise ControlError(404, "no such call; it was never received, or was removed from the journal")
    return entry.to_dict()
