"""Handlers for what a tool beside the mock needs: events, the scopes, and what can be named."""

from __future__ import annotations

from volcv_mock import __version__, contract
from volcv_mock.control.messages import ControlRequest, ControlResponse, json_response
from volcv_mock.faults import FAULTS
from volcv_mock.http.event_stream import MEDIA_TYPE, EventStream
from volcv_mock.model import MODES
from volcv_mock.scope import DEFAULT_SCOPE


def events(request: ControlRequest) -> ControlResponse:
    """An event for each change, while the client listens. Where a transport cannot stream: one event, and the end."""
    stream = EventStream(request.world.changes)
    headers = (("X-Accel-Buffering", "no"),)  # nginx would collect events
    return ControlResponse(stream.event(), content_type=MEDIA_TYPE, headers=headers, stream=stream)


def scopes(request: ControlRequest) -> ControlResponse:
    """Every scope used so far, with the numbers of its calls and rules."""
    names = tuple(dict.fromkeys((DEFAULT_SCOPE, *request.world.scopes())))
    calls, scopes_of = request.world.journal.counted(names), request.world.scope
    return json_response(
        {"scopes": [{"name": each, "calls": calls[each], "rules": len(scopes_of(each).rules)} for each in names]}
    )


def about(request: ControlRequest) -> ControlResponse:
    """Version, mode and memory of the mock, and what rules and filters can name."""
    world = request.world
    codes = [{"id": row.id, "code": row.code, "http_status": row.http_status, "message": row.message}
             for row in contract.codes()]  # fmt: skip
    faults = [{"name": each.name, "summary": each.summary} for each in FAULTS]
    pictures = {"held_bytes": world.full_pictures.held_bytes, "budget_bytes": world.full_pictures.budget_bytes}
    return json_response({
        "version": __version__, "mode": world.settings.mode, "modes": list(world.settings.modes or MODES),
        "state": world.state.name, "trace_url": world.settings.trace_url, "full_pictures": pictures,
        "codes": codes, "faults": faults, "req_keys": list(contract.operations()), "success": contract.success().code,
    })  # fmt: skip
