"""What a request asks for itself: by header, by key, or by a trigger in its data.

    header    X-Volcv-Mock: code=50411; delay=3s        also fault=NAME, duration=2s
    key       sk-mock-50411, sk-mock-reset
    prompt    [[mock:50412]], [[mock:reset]], [[mock:delay=3s]]
    seed      201304, 50411, ...: a number of schemas/codes.json
    picture   one that `volcv-mock fixtures` wrote (trigger_pictures.py reads it)

The order above is the order of precedence: at each stage the first wins, delays too. A wish that is
meant for the mock but not understood is a BadRule, never ignored: a test with a slip would pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from volcv_mock import faults
from volcv_mock._util import durations
from volcv_mock._util.memo import remembering
from volcv_mock.injection import BadRule, Injection, Origin, did_you_mean, known_codes, of_code, of_word, shown

HEADER = "X-Volcv-Mock"
KEY_PREFIX = "sk-mock-"
FIELDS = ("code", "fault", "delay", "duration")
PROMPTS = ("custom_prompt", "prompt")
SEED_ENVELOPE = "service"
"""Only the service's own numbers are triggers as seeds: the gateway answers before a body is read."""

_OPENING = "[[mock:"
_IN_PROMPT = re.compile(r"\[\[mock:([^\[\]]{0,200})\]\]")
_USUAL_WISH = 128
"""Characters."""
_MOST = 16
"""Wishes read from one header or prompt."""


def asked(
    header: str | None, key: str, body: Mapping[str, Any] | None, triggers_on: bool = True, picture: str | None = None
) -> tuple[Injection, ...]:
    """Everything asked for, the most specific first. `picture` is what a trigger picture says.

    Raises BadRule for a header, a key or a prompt trigger that names nothing known.
    """
    injections = [*of_header(header), *of_key(key)]
    if triggers_on:
        injections += [*of_prompts(body or {}), *of_seed(body or {}), *of_picture(picture)]
    return tuple(injections)


def of_header(header: str | None) -> tuple[Injection, ...]:
    return () if header is None else _overrides(header, "header", f"header.{HEADER}")


def of_key(key: str) -> tuple[Injection, ...]:
    """A key `sk-mock-NAME`. The rest of a key that names nothing is not shown: it may be a secret."""
    if not key.startswith(KEY_PREFIX):
        return ()
    try:
        return (of_word(key.removeprefix(KEY_PREFIX), "key", "key"),)
    except BadRule as error:
        wanted, fix = error.problem.wanted, "Choose a key without that prefix to ask for nothing."
        raise BadRule("key", f"{KEY_PREFIX}*** names no known code or fault", wanted, fix, "override_unknown") from None


def of_prompts(body: Mapping[str, Any]) -> Iterator[Injection]:
    """Every [[mock:...]] of the prompt, whichever of the two names it has."""
    for name in PROMPTS:
        text = body.get(name)
        if isinstance(text, str) and _OPENING in text:
            for override in _in_prompt(text, f"$.{name}"):
                yield from _overrides(override, "prompt", f"$.{name}")


def _in_prompt(text: str, where: str) -> list[str]:
    """What stands inside each [[mock:...]]. Raises BadRule for one that has no end, and for a crowd."""
    overrides, begun = _IN_PROMPT.findall(text), text.count(_OPENING)
    if not len(overrides) == begun <= _MOST:
        found = f"{begun} times {_OPENING} and {len(overrides)} of them whole"
        raise BadRule(where, found, f"1 to {_MOST} of [[mock:50412]]", "Close each with ]].")
    return overrides


def of_seed(body: Mapping[str, Any]) -> tuple[Injection, ...]:
    """A seed equal to an error code of the service; 50411.0 is 50411, true is no number."""
    seed = body.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, (int, float)) or seed not in _seed_codes():
        return ()
    return (of_code(str(int(seed)), "seed", "$.seed"),)


def of_picture(word: str | None) -> tuple[Injection, ...]:
    return (of_word(word, "picture", "picture"),) if word else ()


@cache
def _seed_codes() -> frozenset[int]:
    return frozenset(row.code for row in known_codes() if row.code is not None and row.envelope == SEED_ENVELOPE)


@dataclass(frozen=True, slots=True)
class _Wish:
    """One `name=value` of a header or prompt; a bare word in a prompt is a code or fault."""

    name: str
    value: str


@remembering(_USUAL_WISH)
def _overrides(text: str, origin: Origin, where: str) -> tuple[Injection, ...]:
    """Each stage is asked for once; `duration` goes to the drip or hang beside it."""
    overrides = [_override(piece.strip(), origin, where) for piece in text.split(";") if piece.strip()]
    if not 1 <= len(overrides) <= _MOST:
        raise BadRule(where, f"{len(overrides)} wishes", f"1 to {_MOST} of {_forms()}", "Join them by '; '.")
    injections = tuple(
        _READERS[override.name](override.value, origin, where) for override in overrides if override.name != "duration"
    )
    lengths = [override.value for override in overrides if override.name == "duration"]
    _refuse_repeats([injection.stage for injection in injections] + ["duration"] * len(lengths), where)
    return _with_duration(injections, lengths[0], where) if lengths else injections


def _override(piece: str, origin: Origin, where: str) -> _Wish:
    name, sign, value = (part.strip() for part in piece.partition("="))
    if not sign and origin != "header":
        return _Wish("", name)
    if not sign or name not in FIELDS:
        hint = did_you_mean(name, FIELDS)
        raise BadRule(where, f"{shown(piece)} is not understood", f"{_forms()}, joined by '; '", hint)
    return _Wish(name, value)


def _forms() -> str:
    return "code=50411, fault=reset, delay=3s, duration=2s"


def _code(value: str, origin: Origin, where: str) -> Injection:
    return of_code(value, origin, where)


def _fault(value: str, origin: Origin, where: str) -> Injection:
    return of_word(value, origin, where)


def _delay(value: str, origin: Origin, where: str) -> Injection:
    return Injection(origin, delay_s=_seconds(value, where))


_READERS: Mapping[str, Callable[[str, Origin, str], Injection]] = {
    "code": _code,
    "fault": _fault,
    "delay": _delay,
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
        raise BadRule(where, "a duration without a fault that has one", f"fault={known} beside it",
                      "For a late first byte write delay=3s.")  # fmt: skip
    return tuple(replace(each, duration_s=duration_s) if _takes_duration(each) else each for each in injections)


def _takes_duration(injection: Injection) -> bool:
    return injection.fault is not None and injection.fault.takes_duration


def _refuse_repeats(stages: list[str], where: str) -> None:
    twice = next((stage for stage in stages if stages.count(stage) > 1), None)
    if twice:
        raise BadRule(where, f"two wishes for the stage {twice}", "at most one for each stage", "Keep one of them.")
