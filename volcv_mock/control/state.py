"""Answers about a scope's state: rules, latency, clock; and what is the same for all: health, documents."""

from __future__ import annotations

import importlib
import importlib.util
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from volcv_mock import __version__, contract
from volcv_mock.control.ask import Answer, Ask, ControlError, told
from volcv_mock.control.reading import instant, members, number, truth
from volcv_mock.injection.rules import BadRule, parse_rule
from volcv_mock.journal.entries import iso
from volcv_mock.simulation.clock import LATEST_S
from volcv_mock.simulation.latency import BadLatency, LatencyModel

if TYPE_CHECKING:
    from volcv_mock.world import Scope

MAX_RULES_AT_ONCE = 1000
CLOCK_MEMBERS = ("now", "now_s", "is_frozen")


def health(ask: Ask) -> Answer:
    """For a container's health check; says nothing that a stranger may not know."""
    return told({"status": "ok", "version": __version__})


def openapi(ask: Ask) -> Answer:
    """The service as this mock plays it, in the profile in force."""
    return Answer(_openapi(ask.world.settings.profile, ask.world.settings.auth_mode))


def rules(ask: Ask) -> Answer:
    return told({"faults": [_rule(row, scope) for scope in ask.scopes() for row in scope.rules.listing()]})


def add_rules(ask: Ask) -> Answer:
    """One rule, or a list of them: all are taken, or none."""
    specs = ask.body if isinstance(ask.body, list) else [ask.body]
    if not 1 <= len(specs) <= MAX_RULES_AT_ONCE:
        raise ControlError(400, f"wanted a rule, or a list of 1 to {MAX_RULES_AT_ONCE}")
    added: list[tuple[Scope, dict[str, Any]]] = []
    try:
        for index, spec in enumerate(specs):
            parse_rule(spec, f"$[{index}]" if isinstance(ask.body, list) else "$")
        for scope in ask.scopes():
            added += ((scope, scope.rules.add(spec)) for spec in specs)
    except BadRule as error:
        for scope, row in added:
            scope.rules.remove(row["id"])
        raise ControlError(400, str(error), where=error.problem.where) from None
    return told({"faults": [_rule(row, scope) for scope, row in added]}, 201)


def clear_rules(ask: Ask) -> Answer:
    removed = 0
    for scope in ask.scopes():
        removed += len(scope.rules)
        scope.rules.clear()
    return told({"removed": removed})


def remove_rule(ask: Ask) -> Answer:
    removed = sum(scope.rules.remove(ask.path["rule_id"]) for scope in ask.scopes())
    if not removed:
        known = [row["id"] for scope in ask.scopes() for row in scope.rules.listing()][:100]
        raise ControlError(404, f"no rule {ask.path['rule_id'][:80]!r} in this scope", permitted=known)
    return told({"removed": removed})


def latency(ask: Ask) -> Answer:
    return told(ask.each_scope(_latency))


def set_latency(ask: Ask) -> Answer:
    """{"latency": "realistic"}, or a table by req_key."""
    setting = members(ask.body, ("latency",), ("latency",))["latency"]
    try:
        model = LatencyModel.parse(setting)
    except BadLatency as error:
        raise ControlError(400, str(error), permitted=error.permitted) from None
    for scope in ask.scopes():
        scope.latency = model
    return latency(ask)


def clock(ask: Ask) -> Answer:
    return told(ask.each_scope(_clock))


def set_clock(ask: Ask) -> Answer:
    """Any of now (or now_s) and is_frozen; what is not named stays as it is."""
    wanted = members(ask.body, CLOCK_MEMBERS)
    if not wanted or {"now", "now_s"} <= set(wanted):
        raise ControlError(400, "wanted now or now_s, or is_frozen, or one of each", permitted=list(CLOCK_MEMBERS))
    named = next((name for name in ("now", "now_s") if name in wanted), None)
    at_s = instant(wanted[named], named) if named else None
    is_frozen = truth(wanted["is_frozen"], "is_frozen") if "is_frozen" in wanted else None
    for scope in ask.scopes():
        _set(scope, at_s, scope.clock.state()["is_frozen"] if is_frozen is None else is_frozen)
    return clock(ask)


def advance_clock(ask: Ask) -> Answer:
    """Answers that wait for that time leave at once."""
    seconds = number(members(ask.body, ("seconds",), ("seconds",))["seconds"], "seconds", 0.0, LATEST_S)
    for scope in ask.scopes():
        number(scope.clock.now_s() + seconds, "the time it would be", 0.0, LATEST_S)
    for scope in ask.scopes():
        scope.clock.advance(seconds)
    return clock(ask)


def verdict(ask: Ask) -> Answer:
    """How the client behaved, as far as the wire shows it."""
    if importlib.util.find_spec("volcv_mock.testing.verdict") is None:
        raise ControlError(501, "this build of volcv-mock has no verdict")
    judge = importlib.import_module("volcv_mock.testing.verdict")  # lazy: nobody else needs it
    return told(judge.verdict_of(ask.world, ask.scope))


def reset(ask: Ask) -> Answer:
    """Rules, journal, clock, quotas and counters as at the start, by the settings in force."""
    names = [scope.name for scope in ask.scopes()]
    ask.world.reset(ask.scope)
    return told({"reset": names})


@cache
def _openapi(profile: Any, auth: str) -> bytes:
    return json.dumps(contract.openapi(profile, auth)).encode() + b"\n"


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
