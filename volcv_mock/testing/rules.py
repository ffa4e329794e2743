"""Rules in Python: their short forms, and those that never fired."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from volcv_mock.config.config_keys import did_you_mean
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.world import World

MATCH = ("req_key", "api_key", "prompt_contains", "call_number", "action", "step")
COUNTS = ("skip", "times", "probability", "delay_s", "duration_s")
OPTIONS = (*MATCH, *COUNTS)
COUNTERS = ("id", "fired", "skipped", "remaining")


class UnusedRule(UserWarning):
    """A rule of a test never fired, so the test did not see what the rule does."""


def rule_spec(act: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as rule_forms.py parses it. Raises TypeError for an unknown option."""
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        hint = did_you_mean(unknown[0], OPTIONS)
        raise TypeError(f"unknown option {unknown[0]!r}; permitted: {', '.join(OPTIONS)}.{hint}")
    match = {name: options[name] for name in MATCH if name in options}
    return {**act, **{name: options[name] for name in COUNTS if name in options}, **({"match": match} if match else {})}


def step_spec(step: object) -> Any:
    """A step of a sequence, from its short form: a code, a fault, or None for a normal reply."""
    if step is None:
        return {"pass": True}
    if isinstance(step, int) and not isinstance(step, bool):
        return {"code": step}
    return {"fault": step} if isinstance(step, str) else step


def calls_by_scope(world: World) -> dict[str, int]:
    """How many calls each scope of the mock has in the journal."""
    counted = Counter(call.scope for call in world.journal.entries(EVERY_SCOPE))
    return {name: counted[name] for name in dict.fromkeys((*world.scopes(), *counted))}


def elsewhere(world: World, scope: str) -> str:
    """A hint at calls that fell into other scopes, such as "3 calls are in scope 'test-7'"; "" without any."""
    others = [(name, number) for name, number in calls_by_scope(world).items() if name != scope and number]
    return ", ".join(f"{_calls(number)} {'is' if number == 1 else 'are'} in scope {name!r}" for name, number in others)


def unused_rules(world: World, scope: str) -> dict[str, str]:
    """The rules of a scope that never fired, by id, each with what is known of the reason. For all scopes with "*".

    A rule with a probability may rightly never fire, and is left out.
    """
    names = world.scopes() if scope == EVERY_SCOPE else (scope,)
    return {rule_id: text for name in names for rule_id, text in _unused(world, name)}


def _unused(world: World, scope: str) -> Iterator[tuple[str, str]]:
    for row in world.scope(scope).refreshed().rules.listing():
        if not _was_used(row) and row.get("probability", 1) == 1:
            shown = json.dumps({name: value for name, value in row.items() if name not in COUNTERS}, ensure_ascii=False)
            yield row["id"], f"rule {row['id']} {shown[:300]} never fired: {_why(world, scope, row)}"


def _was_used(row: Mapping[str, Any]) -> bool:
    """Whether it fired, or a sequence of which some steps are normal replies has begun."""
    if row["fired"] or "sequence" not in row:
        return bool(row["fired"])
    return bool(row["remaining"] != row.get("times", 1) * len(row["sequence"]))


def _why(world: World, scope: str, row: Mapping[str, Any]) -> str:
    made = len(world.journal.entries(scope))
    reason = f"none of {_calls(made)} met its conditions" if made else f"no call was made in scope {scope!r}"
    if row["skipped"]:
        reason = f"it skipped {_calls(row['skipped'])}, and no other came"
    hint = elsewhere(world, scope)
    return f"{reason}; {hint}" if hint else reason


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number} calls"
