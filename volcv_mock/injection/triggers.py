"""Parses what a request itself requests: by header, by API key, or by a trigger in its data.

    header    X-Volcv-Mock: code=50411; delay=3s        also fault=NAME, duration=2s, queue=2s, mode=replay
    key       sk-mock-50411, sk-mock-reset
    prompt    [[mock:50412]], [[mock:reset]], [[mock:delay=3s]]
    seed      201304, 50411, ...: a code of schemas/codes.json
    picture   written by `volcv-mock fixtures` and read by trigger_pictures.py

The order above is the order of precedence at each stage, also for delays. An override that cannot be parsed raises
BadRule and is never ignored: otherwise a test with a typing error would pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from volcv_mock import faults
from volcv_mock._util import durations
from volcv_mock._util.frozen import frozen
from volcv_mock._util.memo import remembering
from volcv_mock.injection import BadRule, Injection, Origin, did_you_mean, known_codes, of_code, of_word, shown
from volcv_mock.injection.modes import BY_HEADER
from volcv_mock.signing.keys import FAULT_KEY

HEADER = "X-Volcv-Mock"
FIELDS = ("code", "fault", "delay", "duration", "queue", "generating", "mode")
TASK_TIMES = ("queue", "generating")
PROMPTS = ("custom_prompt", "prompt")
SEED_ENVELOPE = "service"
"""Only service codes are seed triggers: the gateway answers before a body is read."""

_OPENING = "[[mock:"
_IN_PROMPT = re.compile(r"\[\[mock:([^\[\]]{0,200})\]\]")
_CACHED_CHARACTERS = 128
_MAX_OVERRIDES = 16
"""In one header or prompt."""


def asked(
    header: str | None, key: str, body: Mapping[str, Any] | None, triggers_on: bool = True, picture: str | None = None
) -> tuple[Injection, ...]:
    """All injections that a request requests, most specific first. `picture` is the name read from a trigger picture.

    Raises BadRule when a header, a key or a prompt trigger names no known code or fault.
    """
    drawn = of_picture(picture) if triggers_on else ()
    return (*of_header(header), *of_key_and_data(key, body or {}, triggers_on), *drawn)


def of_key_and_data(key: str, body: Mapping[str, Any], triggers_on: bool) -> tuple[Injection, ...]:
    """What the key, the prompts and the seed request."""
    data = (*of_prompts(body), *of_seed(body)) if triggers_on else ()
    return (*of_key(key), *data)


def of_header(header: str | None) -> tuple[Injection, ...]:
    """The injections of the header X-Volcv-Mock. Raises BadRule."""
    return () if header is None else _overrides(header, "header", f"header.{HEADER}")


def of_key(key: str) -> tuple[Injection, ...]:
    """A key `sk-mock-NAME`. The error does not show an unknown NAME: it may be a secret."""
    if not key.startswith(FAULT_KEY):
        return ()
    try:
        return (of_word(key.removeprefix(FAULT_KEY), "key", "key"),)
    except BadRule as error:
        wanted, fix = error.problem.wanted, "Use a key without that prefix to request nothing."
        raise BadRule("key", f"{FAULT_KEY}*** names no known code or fault", wanted, fix, "override_unknown") from None


def of_prompts(body: Mapping[str, Any]) -> Iterator[Injection]:
    """Every [[mock:...]] of the prompt, in either prompt field."""
    for name in PROMPTS:
        text = body.get(name)
        if isinstance(text, str) and _OPENING in text:
            for override in _in_prompt(text, f"$.{name}"):
                yield from _overrides(override, "prompt", f"$.{name}")


def _in_prompt(text: str, where: str) -> list[str]:
    """The content of each [[mock:...]]. Raises BadRule for one without its end, and for too many."""
    overrides, begun = _IN_PROMPT.findall(text), text.count(_OPENING)
    if not len(overrides) == begun <= _MAX_OVERRIDES:
        found = f"{begun} times {_OPENING}, of which {len(overrides)} complete"
        raise BadRule(where, found, f"1 to {_MAX_OVERRIDES} of [[mock:50412]]", "Close each with ]].")
    return overrides


def of_seed(body: Mapping[str, Any]) -> tuple[Injection, ...]:
    """A seed equal to an error code of the service. 50411.0 counts as 50411; booleans are ignored."""
    seed = body.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, (int, float)) or seed not in _seed_codes():
        return ()
    return (of_code(str(int(seed)), "seed", "$.seed"),)


def of_picture(word: str | None) -> tuple[Injection, ...]:
    """The injection that a trigger picture asks for; `word` is what its pixels spell."""
    return (of_word(word, "picture", "picture"),) if word else ()


@cache
def _seed_codes() -> frozenset[int]:
    return frozenset(row.code for row in known_codes() if row.code is not None and row.envelope == SEED_ENVELOPE)


@frozen
class _Override:
    """One `name=value` of a header or prompt; in a prompt a name alone is a code or fault."""

    name: str
    value: str


@remembering(_CACHED_CHARACTERS)
def _overrides(text: str, origin: Origin, where: str) -> tuple[Injection, ...]:
    """At most one override per stage; `duration` belongs to the drip or hang beside it."""
    overrides = [_override(piece.strip(), origin, where) for piece in text.split(";") if piece.strip()]
    if not 1 <= len(overrides) <= _MAX_OVERRIDES:
        wanted = f"1 to {_MAX_OVERRIDES} of {_forms()}"
        raise BadRule(where, f"{len(overrides)} overrides", wanted, "Join them by '; '.")
    injections = tuple(
        _READERS[override.name](override.value, origin, where) for override in overrides if override.name in _READERS
    )
    modifiers = [override.name for override in overrides if override.name not in _READERS]
    _refuse_repeats([*(injection.stage for injection in injections), *modifiers], where)
    values = {override.name: override.value for override in overrides if override.name in modifiers}
    if "duration" in values:
        injections = _with_duration(injections, values["duration"], where)
    queue_s, generating_s = (_seconds(values[name], where) if name in values else None for name in TASK_TIMES)
    if queue_s is None and generating_s is None:
        return injections
    return _with_times(injections, Injection(origin, queue_s=queue_s, generating_s=generating_s))


def _with_times(injections: tuple[Injection, ...], times: Injection) -> tuple[Injection, ...]:
    """The times of a task go with the fault of tasks beside them, or stand alone."""
    others = tuple(each for each in injections if each.stage != "task")
    fault = next((each.fault for each in injections if each.stage == "task"), None)
    return (*others, replace(times, fault=fault))


def _override(piece: str, origin: Origin, where: str) -> _Override:
    name, sign, value = (part.strip() for part in piece.partition("="))
    if not sign and origin != "header":
        return _Override("", name)
    if not sign or name not in FIELDS or (name == "mode" and origin != "header"):
        hint = did_you_mean(name, FIELDS)
        raise BadRule(where, f"{shown(piece)} cannot be parsed", f"{_forms()}, joined by '; '", hint)
    return _Override(name, value)


def _forms() -> str:
    return "code=50411, fault=reset, delay=3s, duration=2s, queue=2s, generating=5s"


def _code(value: str, origin: Origin, where: str) -> Injection:
    return of_code(value, origin, where)


def _fault(value: str, origin: Origin, where: str) -> Injection:
    return of_word(value, origin, where)


def _delay(value: str, origin: Origin, where: str) -> Injection:
    return Injection(origin, delay_s=_seconds(value, where))


def _mode(value: str, origin: Origin, where: str) -> Injection:
    """Only what spends no call of the upstream; a page or a test that sends more would spend the owner's money."""
    for mode in BY_HEADER:
        if value == mode:
            return Injection(origin, mode=mode)
    wanted = f"mode={' or mode='.join(BY_HEADER)}"
    raise BadRule(where, f"mode={value[:40]}", wanted, "Choose other modes with --mode or a rule.", "override_unknown")


_READERS: Mapping[str, Callable[[str, Origin, str], Injection]] = {
    "code": _code,
    "fault": _fault,
    "delay": _delay,
    "mode": _mode,
    "": _fault,
}


def _seconds(value: str, where: str) -> float:
    try:
        return durations.parse(value)
    except durations.BadDuration as error:
        raise BadRule(where, str(error), "a duration", "Write it like 250ms, 2.5s or 1m30s.") from None


def _with_duration(injections: tuple[Injection, ...], text: str, where: str) -> tuple[Injection, ...]:
    duration_s = _seconds(text, where)
    if not any(_takes_duration(injection) for injection in injections):
        known = " or ".join(fault.name for fault in faults.FAULTS if fault.takes_duration)
        raise BadRule(where, "a duration without a fault that takes one", f"fault={known} beside it",
                      "For a late first byte write delay=3s.")  # fmt: skip
    return tuple(replace(each, duration_s=duration_s) if _takes_duration(each) else each for each in injections)


def _takes_duration(injection: Injection) -> bool:
    return injection.fault is not None and injection.fault.takes_duration


def _refuse_repeats(stages: list[str], where: str) -> None:
    twice = next((stage for stage in stages if stages.count(stage) > 1), None)
    if twice:
        raise BadRule(where, f"two overrides for the stage {twice}", "at most one per stage", "Keep one of them.")
