"""Every control call, once: the blueprint serves this list, document.py describes it."""

from __future__ import annotations

import json
from functools import cache

from volcv_mock.control import calls, page, state
from volcv_mock.control.ask import Answer, Ask
from volcv_mock.control.document import document
from volcv_mock.control.route import Route

_CALL_FILTERS = {
    "req_key": "Only calls of this operation.",
    "code": "Only calls answered with this code: a number, a row's id, or 201304 inside a success.",
    "since": "Only calls from this instant on (seconds since 1970, or ISO 8601), or after the call of this id.",
    "limit": f"At most so many, the newest: 1 to {calls.MOST_CALLS}, {calls.USUAL_CALLS} unless told.",
}
_OF = {"of": "result, picture or mask; without it the first of them that is there."}
_LINK = {
    "x-expires": "The link's end, in seconds since 1970.",
    "x-signature": "What keeps the link from being changed.",
}


def description(ask: Ask) -> Answer:
    """This list as an OpenAPI document."""
    return Answer(_description())


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "The page that shows the calls with their pictures.", page.page, "html",
          access="page", media_type="text/html"),
    Route("GET", "/health", "Whether the mock is up.", state.health, "health", access="open"),
    Route("GET", "/openapi.json", "The OpenAPI document of the service, in the profile in force.", state.openapi,
          "object"),
    Route("GET", "/control.openapi.json", "This document.", description, "object"),
    Route("GET", "/calls", "The calls of the scope, oldest first.", calls.listed, "calls",
          query=_CALL_FILTERS),
    Route("DELETE", "/calls", "Forget the calls of the scope.", calls.cleared, "removed"),
    Route("GET", "/calls/<call_id>", "One call.", calls.one, "call", refusals=(404,)),
    Route("GET", "/calls/<call_id>/picture", "A small picture of the call.", calls.thumbnail, "binary",
          query=_OF, refusals=(404,), media_type="image/jpeg"),
    Route("GET", "/faults", "The rules of the scope, with how often each fired.", state.rules, "faults"),
    Route("POST", "/faults", "Add a rule, or several.", state.add_rules, "faults", "rules", status=201),
    Route("DELETE", "/faults", "Remove every rule of the scope.", state.clear_rules, "removed"),
    Route("DELETE", "/faults/<rule_id>", "Remove one rule.", state.remove_rule, "removed", refusals=(404,)),
    Route("GET", "/latency", "The latency of the scope.", state.latency, "latency"),
    Route("PUT", "/latency", "Set the latency of the scope.", state.set_latency, "latency", "latency_wanted"),
    Route("GET", "/clock", "The clock of the scope.", state.clock, "clock"),
    Route("PUT", "/clock", "Set, freeze or release the clock of the scope.", state.set_clock, "clock", "clock_wanted"),
    Route("POST", "/clock/advance", "Move the clock forward; answers due by then leave.", state.advance_clock,
          "clock", "advance"),
    Route("GET", "/verdict", "How the client behaved.", state.verdict, "object", refusals=(501,)),
    Route("POST", "/reset", "The scope as at the start: rules, calls, clock, quotas, counters.", state.reset, "reset"),
    Route("GET", "/images/<picture_id>.jpeg", "A picture that return_url pointed to.", calls.image, "binary",
          query=_LINK, refusals=(403, 404, 410), access="open", media_type="image/jpeg"),
)  # fmt: skip


@cache
def _description() -> bytes:
    return json.dumps(document(ROUTES)).encode() + b"\n"
