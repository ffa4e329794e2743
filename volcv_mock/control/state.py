"""Handlers for the state of a scope (rules, latency, clock, verdict, reset), and for the documents."""

from __future__ import annotations

import importlib
import importlib.util
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.contract.readings import listing, measured_of
from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response, unknown
from volcv_mock.control.parsing import boolean, instant, members, number
from volcv_mock.injection.rules import BadRule, parse_rule
from volcv_mock.journal.entries import iso
from volcv_mock.simulation.clock import LATEST_S
from volcv_mock.simulation.latency import BadLatency, LatencyModel

if TYPE_CHECKING:
    from volcv_mock.scope import Scope

MAX_RULES_AT_ONCE = 1000
CLOCK_MEMBERS = ("now", "now_s", "is_frozen")


def openapi(request: ControlRequest) -> ControlResponse:
    """The OpenAPI document of the service, for the active profile and readings."""
    settings = request.world.settings
    with contract.playing(request.world.readings):
        key = request.world.readings.key
        shape = (settings.profile, settings.auth_mode, settings.reseller, key, request.world.contract)
        return ControlResponse(_openapi(*shape))


def readings(request: ControlRequest) -> ControlResponse:
    """The open points, their alternatives, and which one is played."""
    return json_response({"readings": listing(request.world.readings)})


def assumptions(request: ControlRequest) -> ControlResponse:
    """What the mock assumes where no document says anything, without what was measured."""
    return json_response({"assumptions": contract.assumptions(measured_of(request.world.readings))})


def rules(request: ControlRequest) -> ControlResponse:
    """The rules of the scope, or of all scopes."""
    return json_response({"faults": [_rule(row, scope) for scope in request.scopes() for row in scope.rules.listing()]})


def add_rules(request: ControlRequest) -> ControlResponse:
    """Adds one rule or a list of rules: all of them, or none."""
    specs = request.body if isinstance(request.body, list) else [request.body]
    if not 1 <= len(specs) <= MAX_RULES_AT_ONCE:
        raise ControlError(400, f"wanted a rule, or a list of 1 to {MAX_RULES_AT_ONCE} rules")
    placed = {f"$[{index}]" if isinstance(request.body, list) else "$": spec for index, spec in enumerate(specs)}
    added: list[tuple[Scope, dict[str, Any]]] = []
    try:
        for where, spec in placed.items():
            parse_rule(spec, where)
        for scope in request.scopes():
            added += ((scope, row) for row in scope.rules.add_all(placed))
    except BadRule as error:
        for scope, row in added:  # of the scopes before the one that refused them
            scope.rules.remove(row["id"])
        raise ControlError(400, str(error), where=error.problem.where) from None
    return json_response({"faults": [_rule(row, scope) for scope, row in added]}, 201)


def clear_rules(request: ControlRequest) -> ControlResponse:
    """Remove the rules of the scope, or of all scopes; gives the number removed."""
    removed = 0
    for scope in request.scopes():
        removed += len(scope.rules)
        scope.rules.clear()
    return json_response({"removed": removed})


def remove_rule(request: ControlRequest) -> ControlResponse:
    """Remove one rule by its id; 404 names those that exist."""
    removed = sum(scope.rules.remove(request.path["rule_id"]) for scope in request.scopes())
    if not removed:
        known = [row["id"] for scope in request.scopes() for row in scope.rules.listing()][:100]
        raise ControlError(404, f"no rule {request.path['rule_id'][:80]!r} in this scope", permitted=known)
    return json_response({"removed": removed})


def latency(request: ControlRequest) -> ControlResponse:
    """The latency settings of each scope asked for."""
    return json_response(request.each_scope(_latency))


def set_latency(request: ControlRequest) -> ControlResponse:
    """Takes {"latency": "realistic"}, or a table by req_key instead of the text."""
    setting = members(request.body, ("latency",), ("latency",))["latency"]
    try:
        model = LatencyModel.parse(setting)
    except BadLatency as error:
        raise ControlError(400, str(error), permitted=error.permitted) from None
    for scope in request.scopes():
        scope.latency = model
    return latency(request)


def clock(request: ControlRequest) -> ControlResponse:
    """The clock of each scope asked for."""
    return json_response(request.each_scope(_clock))


def set_clock(request: ControlRequest) -> ControlResponse:
    """Takes now (or now_s) and is_frozen; a member that is absent changes nothing."""
    wanted = members(request.body, CLOCK_MEMBERS)
    if not wanted or {"now", "now_s"} <= set(wanted):
        raise ControlError(400, "wanted now or now_s, or is_frozen, or one of each", permitted=list(CLOCK_MEMBERS))
    named = next((name for name in ("now", "now_s") if name in wanted), None)
    at_s = instant(wanted[named], named) if named else None
    is_frozen = boolean(wanted["is_frozen"], "is_frozen") if "is_frozen" in wanted else None
    for scope in request.scopes():
        _set(scope, at_s, scope.clock.state()["is_frozen"] if is_frozen is None else is_frozen)
    return clock(request)


def advance_clock(request: ControlRequest) -> ControlResponse:
    """Replies that are due by the new time are sent at once."""
    seconds = number(members(request.body, ("seconds",), ("seconds",))["seconds"], "seconds", 0.0, LATEST_S)
    for scope in request.scopes():
        number(scope.clock.now_s() + seconds, "the resulting time", 0.0, LATEST_S)
    for scope in request.scopes():
        scope.clock.advance(seconds)
    return clock(request)


def verdict(request: ControlRequest) -> ControlResponse:
    """How the client behaved, as far as its requests show it."""
    return json_response(_audits().verdict_of(request.world, request.scope))


def app_showed(request: ControlRequest) -> ControlResponse:
    """Takes {"showed": "fallback"}: what the app showed for the calls of the scope so far."""
    showed = members(request.body, ("showed",), ("showed",))["showed"]
    audits = _audits()
    if showed not in audits.SHOWN:
        raise unknown(str(showed), audits.SHOWN, "value of showed")
    return json_response({"showed": showed, "calls": audits.record_shown(request.world, showed, request.scope)})


def _audits() -> Any:
    if importlib.util.find_spec("volcv_mock.testing.verdict") is None:
        raise ControlError(501, "this build of volcv-mock has no verdict")
    return importlib.import_module("volcv_mock.testing.verdict")  # lazy: only the verdict's endpoints need it


def reset(request: ControlRequest) -> ControlResponse:
    """Resets rules, journal, clock, quotas and counters to the current settings."""
    names = [scope.name for scope in request.scopes()]
    request.world.reset(request.scope)
    return json_response({"reset": names})


@lru_cache(maxsize=16)
def _openapi(profile: Any, auth: str, reseller: str, readings: int, served: contract.Contract) -> bytes:
    """`readings` is the key of the table that is being played: the document follows it, and the contract served."""
    with contract.using(served):
        return json.dumps(contract.openapi(profile, auth, reseller)).encode() + b"\n"


def _rule(row: dict[str, Any], scope: Scope) -> dict[str, Any]:
    return {**row, "scope": scope.name}


def _latency(scope: Scope) -> dict[str, Any]:
    return {"latency": scope.latency.described()}


def _clock(scope: Scope) -> dict[str, Any]:
    state = scope.clock.state()
    return {"now": iso(state["now_s"]), **state}


def _set(scope: Scope, at_s: float | None, is_frozen: bool) -> None:
    if is_frozen or at_s is not None:
        scope.clock.freeze(at_s)
    if not is_frozen:
        scope.clock.resume()
