"""Every control endpoint, listed once: blueprint.py serves this list and document.py describes it."""

from __future__ import annotations

import json
from functools import cache

from volcv_mock.control import calls, differences, events, operating, page, state, tasks
from volcv_mock.control.document import document
from volcv_mock.control.find import FILTERS
from volcv_mock.control.messages import ControlRequest, ControlResponse
from volcv_mock.control.route import Route

_OF = {"of": "result, picture or mask; without it the first of these that exists."}
_LINK = {
    "x-expires": "When the link expires, in seconds since 1970.",
    "x-signature": "The signature of the link.",
}


def description(request: ControlRequest) -> ControlResponse:
    """The control API as an OpenAPI document."""
    return ControlResponse(_description())


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "The console: a page that shows the calls with their pictures.", page.page, "html",
          access="page", media_type="text/html"),
    Route("GET", "/console/<file>", "A style or script of the console.", page.module, "text", refusals=(404,),
          access="page", media_type="text/javascript"),
    Route("GET", "/health", "Whether the mock is running.", operating.health, "health", access="open"),
    Route("GET", "/ready", "Whether the mock takes new calls.", operating.ready, "ready", access="open",
          refusals=(503,)),
    Route("GET", "/metrics", "Counts and durations for Prometheus.", operating.metrics, "text", access="open",
          refusals=(501,), media_type="text/plain"),
    Route("GET", "/openapi.json", "The OpenAPI document of the service, in the profile in force.", state.openapi,
          "object"),
    Route("GET", "/readings", "The open points, their alternatives, and which one is played.", state.readings,
          "readings"),
    Route("GET", "/assumptions", "The values that no document states.", state.assumptions, "assumptions"),
    Route("GET", "/control.openapi.json", "This document.", description, "object"),
    Route("GET", "/calls", "The calls of the scope, oldest first.", calls.list_calls, "calls",
          query=FILTERS),
    Route("GET", "/calls.har", "The same calls as an HTTP archive (HAR 1.2), without pictures and keys.", calls.archive,
          "object", query=FILTERS),
    Route("DELETE", "/calls", "Remove the calls of the scope from the journal.", calls.clear_calls, "removed"),
    Route("GET", "/calls/<call_id>", "One call.", calls.one_call, "call", refusals=(404,)),
    Route("GET", "/calls/<call_id>/picture", "A thumbnail of a picture of the call.", calls.thumbnail, "binary",
          query=_OF, refusals=(404,), media_type="image/jpeg"),
    Route("GET", "/calls/<call_id>/full-picture", "A picture of the call as it was sent or received.",
          calls.full_picture, "binary", query=_OF, refusals=(404,), media_type="image/*"),
    Route("GET", "/events", "Server-sent events: one for each change of calls, rules, latency or clock.",
          events.events, "text", media_type="text/event-stream"),
    Route("GET", "/scopes", "The scopes used so far, with the numbers of their calls and rules.", events.scopes,
          "scopes"),
    Route("GET", "/about", "Version, mode and memory of the mock, and what rules and filters can name.", events.about,
          "about"),
    Route("GET", "/faults", "The rules of the scope, and how often each has fired.", state.rules, "faults"),
    Route("POST", "/faults", "Add one rule, or a list of rules.", state.add_rules, "faults", "rules", status=201),
    Route("DELETE", "/faults", "Remove every rule of the scope.", state.clear_rules, "removed"),
    Route("DELETE", "/faults/<rule_id>", "Remove one rule.", state.remove_rule, "removed", refusals=(404,)),
    Route("GET", "/tasks", "The tasks of the scope, in the order of their submission.", tasks.list_tasks, "tasks"),
    Route("GET", "/callbacks", "The callbacks of the scope that are over, oldest first.", tasks.list_callbacks,
          "callbacks"),
    Route("POST", "/tasks/<task_id>/finish", "End a task now, as done or with a code.", tasks.finish, "task",
          "task_end", refusals=(404,)),
    Route("GET", "/latency", "The latency of the scope.", state.latency, "latency"),
    Route("PUT", "/latency", "Set the latency of the scope.", state.set_latency, "latency", "latency_setting"),
    Route("GET", "/clock", "The clock of the scope.", state.clock, "clock"),
    Route("PUT", "/clock", "Set, freeze or resume the clock of the scope.", state.set_clock, "clock", "clock_setting"),
    Route("POST", "/clock/advance", "Move the clock forward; replies due by then are sent.", state.advance_clock,
          "clock", "advance"),
    Route("GET", "/verdict", "The verdict: how the client behaved.", state.verdict, "object", refusals=(501,)),
    Route("POST", "/app-showed", "State what the app showed for the calls so far: fallback, error or picture.",
          state.app_showed, "showed", "showing", refusals=(501,)),
    Route("GET", "/differences", "Where mock and upstream answered differently, in the mode diff.",
          differences.differences, "object"),
    Route("POST", "/reset", "Reset rules, calls, clock, quotas and counters of the scope.", state.reset, "reset"),
    Route("GET", "/images/<picture_id>.jpeg", "A picture that was returned as URL.", calls.image, "binary",
          query=_LINK, refusals=(403, 404, 410), access="open", media_type="image/jpeg"),
    Route("GET", "/images/<picture_id>.png", "A picture in PNG that was returned as URL.", calls.image, "binary",
          query=_LINK, refusals=(403, 404, 410), access="open", media_type="image/png"),
)  # fmt: skip


@cache
def _description() -> bytes:
    return json.dumps(document(ROUTES)).encode() + b"\n"
