"""Parses rules. HTTP, TOML and Python use the same form; it is checked strictly and becomes a Rule.

rules.py counts and draws. Every error names the path, the permitted fields and the nearest match.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, get_args

from volcv_mock import contract
from volcv_mock._util.durations import LONGEST_S
from volcv_mock._util.frozen import frozen
from volcv_mock.faults.base import Stage
from volcv_mock.injection import BadRule, CallFacts, Injection, did_you_mean, of_code, of_word, shown
from volcv_mock.model import MODES
from volcv_mock.model import Step as TaskStep

TASK_TIMES = ("queue_s", "generating_s")
TIMES = ("delay_s", *TASK_TIMES)
ACTS = ("code", "fault", *TIMES, "mode", "sequence")
TOP_FIELDS = (*ACTS, "duration_s", "match", "skip", "times", "probability")
STEP_FIELDS = ("code", "fault", *TIMES, "duration_s", "mode", "pass")
MATCH_FIELDS = ("req_key", "api_key", "prompt_contains", "call_number", "action", "step")
STEPS: tuple[TaskStep, ...] = get_args(TaskStep)
MASKED_KEY = "sk-***"
LAST_STAGE: Stage = "delay"

MAX_STEPS = 1000
"""Maximum steps of one sequence: more than a test needs, and small enough to cost nothing."""
MAX_COUNT = 1_000_000_000
MAX_TEXT = 10_000


@frozen
class Match:
    """A call matches when every field that is set agrees; without any field every call matches."""

    req_key: str | None = None
    api_key: str | None = field(default=None, repr=False)
    prompt_contains: str | None = None
    call_number: int | None = None
    action: str | None = None
    step: TaskStep | None = None

    @property
    def names_a_step(self) -> bool:
        """Whether it says which step of a task it is about."""
        return self.action is not None or self.step is not None

    def agrees(self, facts: CallFacts) -> bool:
        """Whether every condition that is set fits the call."""
        return (
            self.req_key in (None, facts.req_key)
            and self.api_key in (None, facts.api_key)
            and (self.prompt_contains is None or self.prompt_contains in facts.prompt)
            and self.call_number in (None, facts.call_number)
            and self.action in (None, facts.action)
            and self.step in (None, facts.step)
        )


@frozen
class RuleStep:
    """The effect of one firing. Without an injection the reply is normal; the step is counted at the last stage."""

    injection: Injection | None

    @property
    def stage(self) -> Stage:
        """The stage of the step's injection; a step that injects nothing is counted at the last one."""
        return self.injection.stage if self.injection else LAST_STAGE


@frozen
class Rule:
    """`times` counts firings, for a sequence whole rounds; None is unlimited. `spec` is the rule as written, with its
    API key masked."""

    steps: tuple[RuleStep, ...]
    match: Match
    skip: int
    times: int | None
    probability: float
    spec: Mapping[str, Any]


def parse_rule(spec: object, where: str = "$") -> Rule:
    """Parse a rule. `where` is the prefix of paths in errors: "$", or "faults[2]" for a file. Raises BadRule."""
    members = _object(spec, where, TOP_FIELDS)
    act = _only_act(members, where)
    steps = _sequence(members[act], f"{where}.sequence") if act == "sequence" else (_step(members, where),)
    if act == "sequence":
        _refuse_beside_sequence(members, where)
    rounds = 1 if act == "sequence" else None
    return Rule(
        steps=steps,
        match=_match(members.get("match", {}), f"{where}.match"),
        skip=whole(members.get("skip", 0), f"{where}.skip", least=0),
        times=whole(members["times"], f"{where}.times", least=1) if "times" in members else rounds,
        probability=number(members.get("probability", 1.0), f"{where}.probability", most=1.0),
        spec=_masked(members),
    )


def number(value: object, where: str, most: float = LONGEST_S) -> float:
    """A finite number from 0 to `most`. Booleans and text are refused."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise BadRule(where, shown(value), f"a number from 0 to {most:g}", "Write it without quotes or unit.")
    return float(value)


def whole(value: object, where: str, least: int) -> int:
    """A whole number of at least `least`. 2.0 is accepted, booleans are refused."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and least <= value <= MAX_COUNT and value % 1 == 0:  # type: ignore[operator]
        return int(value)  # type: ignore[call-overload, no-any-return]
    raise BadRule(where, shown(value), f"a whole number from {least} to {MAX_COUNT}", "Write it without quotes.")


def _object(spec: object, where: str, permitted: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(spec, Mapping):
        raise BadRule(where, shown(spec), f"an object with {', '.join(permitted)}", "")
    for name in spec:
        if name not in permitted:
            found, wanted = f"unknown field {shown(name)}", f"one of {', '.join(permitted)}"
            hint = did_you_mean(str(name), permitted)
            raise BadRule(f"{where}.{str(name)[:60]}", found, wanted, hint, "override_unknown")
    return dict(spec)


def _only_act(members: Mapping[str, Any], where: str) -> str:
    """The name of the one action: code, fault, mode or sequence, or delay_s alone."""
    acts = [name for name in ACTS if name in members and name not in TIMES]
    times = [name for name in TIMES if name in members]
    if len(acts) > 1 or not (acts or times):
        found = " and ".join(acts) or "none of them"
        fix = "delay_s may go with code or fault, queue_s and generating_s with a fault of tasks."
        raise BadRule(where, found, f"exactly one of {', '.join(ACTS)}", fix)
    return acts[0] if acts else times[0]


def _refuse_beside_sequence(members: Mapping[str, Any], where: str) -> None:
    for name in (*TIMES, "duration_s"):
        if name in members:
            raise BadRule(f"{where}.{name}", "beside sequence", f"{name} inside a step", "Move it into the step.")


def _sequence(value: object, where: str) -> tuple[RuleStep, ...]:
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MAX_STEPS:
        found = f"{len(value)} steps" if isinstance(value, (list, tuple)) else shown(value)
        raise BadRule(where, found, f"a list of 1 to {MAX_STEPS} steps", 'A step: {"code": 50429} or {"pass": true}.')
    return tuple(_sequence_step(step, f"{where}[{index}]") for index, step in enumerate(value))


def _sequence_step(spec: object, where: str) -> RuleStep:
    members = _object(spec, where, STEP_FIELDS)
    if not members:
        return RuleStep(None)
    if "pass" not in members:
        _only_act(members, where)
        return _step(members, where)
    if members["pass"] is not True or len(members) > 1:
        raise BadRule(where, "pass beside something else, or not true", '{"pass": true} alone', "")
    return RuleStep(None)


def _step(members: Mapping[str, Any], where: str) -> RuleStep:
    if "mode" in members:
        return RuleStep(_mode(members, where))
    injection = _named(members, where)
    delay_s = number(members["delay_s"], f"{where}.delay_s") if "delay_s" in members else None
    duration_s = _duration(members["duration_s"], injection, f"{where}.duration_s") if "duration_s" in members else None
    queue_s, generating_s = (_task_time(members.get(name), injection, f"{where}.{name}") for name in TASK_TIMES)
    timed = replace(injection, delay_s=delay_s, duration_s=duration_s, queue_s=queue_s, generating_s=generating_s)
    return RuleStep(timed)


def _task_time(value: object, injection: Injection, where: str) -> float | None:
    """Seconds of a task's life, None when they are not given. Beside another fault or a code the time would have no
    stage of its own."""
    if value is None:
        return None
    if injection.code or (injection.fault and injection.fault.stage != "task"):
        name = where.rpartition(".")[2]
        wanted = f"{name} alone, or with a fault of tasks"
        raise BadRule(where, f"{name} with {injection.name}", wanted, "Use two rules.")
    return number(value, where)


def _mode(members: Mapping[str, Any], where: str) -> Injection:
    """A rule that chooses who answers. Whether that mode is possible is known to the rule book."""
    beside = next((name for name in (*TIMES, "duration_s") if name in members), None)
    if beside:
        raise BadRule(f"{where}.{beside}", "beside mode", f"{beside} in a rule of its own", "Add a second rule.")
    mode = members["mode"]
    if mode not in MODES:
        hint = did_you_mean(mode, MODES) if isinstance(mode, str) else ""
        raise BadRule(f"{where}.mode", shown(mode), f"one of {', '.join(MODES)}", hint, "override_unknown")
    return Injection("rule", mode=mode)


def _named(members: Mapping[str, Any], where: str) -> Injection:
    if "code" in members:
        return of_code(_word(members["code"], f"{where}.code"), "rule", f"{where}.code")
    if "fault" not in members:
        return Injection("rule")
    return of_word(_word(members["fault"], f"{where}.fault"), "rule", f"{where}.fault")


def _word(value: object, where: str) -> str:
    """A code number or a name, as text. A number in quotes is refused."""
    if isinstance(value, str) and not value.strip().isdigit():
        return value
    if isinstance(value, str):
        raise BadRule(where, shown(value), "a code as a number", "Write it without quotes.")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_COUNT:
        raise BadRule(where, shown(value), "a code's number or name", "`volcv-mock codes` lists them.")
    return str(int(value)) if value % 1 == 0 else str(value)


def _duration(value: object, injection: Injection, where: str) -> float:
    if not injection.fault or not injection.fault.takes_duration:
        raise BadRule(where, f"duration_s with {injection.name}", "duration_s with drip or hang", "Leave it out.")
    return number(value, where)


def _match(spec: object, where: str) -> Match:
    members = _object(spec, where, MATCH_FIELDS)
    checked = {name: _MATCH_CHECKS[name](value, f"{where}.{name}") for name, value in members.items()}
    return Match(**checked)


def _req_key(value: object, where: str) -> str:
    known = list(contract.operations())
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise BadRule(where, f"unknown req_key {shown(value)}", f"one of {', '.join(known)}", hint, "override_unknown")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise BadRule(where, shown(value), f"a text of 1 to {MAX_TEXT} characters", "")
    return value


def _key(value: object, where: str) -> str:
    """Like _text, but the error never shows the key."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise BadRule(where, f"a {type(value).__name__}", f"an API key as a text of 1 to {MAX_TEXT} characters", "")
    return value


def _call_number(value: object, where: str) -> int:
    return whole(value, where, least=1)


def _action(value: object, where: str) -> str:
    """An Action of catalog.json, or one that matches a pattern there."""
    known = list(contract.actions())
    is_served = isinstance(value, str) and any(contract.action_of(value, version) for version in contract.versions())
    if not is_served:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise BadRule(where, f"unknown Action {shown(value)}", f"one of {', '.join(known)}", hint, "override_unknown")
    return str(value)


def _task_step(value: object, where: str) -> TaskStep:
    found = next((step for step in STEPS if step == value), None)
    if found is None:
        hint = did_you_mean(value, STEPS) if isinstance(value, str) else ""
        raise BadRule(where, f"unknown step {shown(value)}", f"one of {', '.join(STEPS)}", hint, "override_unknown")
    return found


_MATCH_CHECKS: Mapping[str, Callable[[object, str], Any]] = {
    "req_key": _req_key,
    "api_key": _key,
    "prompt_contains": _text,
    "call_number": _call_number,
    "action": _action,
    "step": _task_step,
}


def _masked(members: Mapping[str, Any]) -> dict[str, Any]:
    shown_spec = copy.deepcopy(dict(members))
    if "api_key" in shown_spec.get("match", {}):
        shown_spec["match"] = {**shown_spec["match"], "api_key": MASKED_KEY}
    return shown_spec
