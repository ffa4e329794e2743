"""Handlers for calls: journal entries, their thumbnails, and the full-size pictures behind picture URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response, unknown
from volcv_mock.control.parsing import limit, since, trace_id
from volcv_mock.imaging.png_header import file_kind
from volcv_mock.journal.entries import iso
from volcv_mock.world import DEFAULT_SCOPE

MAX_CALLS, DEFAULT_CALLS = 1000, 100
ROLES = ("result", "picture", "mask", "mock")

_REFUSED: Mapping[str, str] = {
    "forbidden": "the x-signature of the link is not valid: the link was changed, or another mock created it",
    "expired": "the link has expired by the clock of the mock",
    "evicted": "the picture was evicted before its link expired; raise --pictures-bytes to keep more pictures",
    "unknown": "unknown picture; the mock may have been reset",
}


def list_calls(request: ControlRequest) -> ControlResponse:
    """The newest calls, in the order in which they were received."""
    query, journal = request.query, request.world.journal
    found = journal.entries(
        request.scope,
        req_key=query.get("req_key"),
        code=query.get("code"),
        since=since(query["since"]) if "since" in query else None,
        limit=limit(query["limit"], MAX_CALLS) if "limit" in query else DEFAULT_CALLS,
        trace=trace_id(query["trace"]) if "trace" in query else None,
    )
    usage: dict[str, Any] = {
        "held_bytes": journal.held_bytes, "budget_bytes": journal.budget_bytes, "evicted": journal.evicted,
    }  # fmt: skip
    if journal.began:
        usage["began"] = iso(float(journal.began))
    return json_response({"calls": [entry.to_dict() for entry in found], "journal": usage})


def clear_calls(request: ControlRequest) -> ControlResponse:
    """Remove the calls of the scope; gives the number removed."""
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
