"""Handler for the differences between mock and upstream that the mode `diff` found."""

from __future__ import annotations

from volcv_mock.control.messages import ControlRequest, ControlResponse, json_response
from volcv_mock.journal.entries import iso
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.recording.addresses import shown_address


def differences(request: ControlRequest) -> ControlResponse:
    """The mode and the upstream, and the calls of the scope whose answers differed, oldest first."""
    log = request.world.differences
    calls = [{**call.to_dict(), "time": iso(call.time_s)} for call in log.of_scope(request.scope, EVERY_SCOPE)]
    settings = request.world.settings
    found = {"mode": settings.mode, "upstream": shown_address(settings.upstream), "compared": log.compared}
    return json_response({**found, "differing": log.differing, "calls": calls})
