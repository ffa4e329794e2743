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

from volcv_mock import durations, faults
from volcv_mock.memo import remembering
from volcv_mock.trouble import BadRule, Origin, Trouble, did_you_mean, known_codes, of_code, of_word, shown

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
) -> tuple[Trouble, ...]:
    """Everything asked for, the most specific first. `picture` is what a trigger picture says.

    Raises BadRule for a header, a key or a prompt trigger that names nothing known.
    """
    troubles = [*of_header(header), *of_key(key)]
    if triggers_on:
        troubles += [*of_prompts(body or {}), *of_seed(body or {}), *of_picture(picture)]
    return tuple(troubles)


def of_header(header: str | None) -> tuple[Trouble, ...]:
    return () if header is None else _wishes(header, "header", f"header.{HEADER}")


def of_key(key: str) -> tuple[Trouble, ...]:
    """A key `sk-mock-NAME`. The rest of a key that names nothing is not shown: it may be a secret."""
    if not key.startswith(KEY_PREFIX):
        return ()
    try:
        return (of_word(key.removeprefix(KEY_PREFIX), "key", "key"),)
    except BadRule as error:
        wanted, mend = error.problem.wanted, "Choose a key without that prefix to ask for nothing."
        raise BadRule("key", f"{KEY_PREFIX}*** names no known code or fault", wanted, mend, "trouble_unknown") from None


def of_prompts(body: Mapping[str, Any]) -> Iterator[Trouble]:
    """Every [[mock:...]] of the prompt, whichever of the two names it has."""
    for name in PROMPTS:
        text = body.get(name)
        if isinstance(text, str) and _OPENING in text:
            for wish in _in_prompt(text, f"$.{name}"):
                yield from _wishes(wish, "prompt", f"$.{name}")


def _in_prompt(text: str, where: str) -> list[str]:
    """What stands inside each [[mock:...]]. Raises BadRule for one that has no end, and for a crowd."""
    wishes, begun = _IN_PROMPT.findall(text), text.count(_OPENING)
    if not len(wishes) == begun <= _MOST:
        found = f"{begun} times {_OPENING} and {len(wishes)} of them whole"
        raise BadRule(where, found, f"1 to {_MOST} of [[mock:50412]]", "Close each with ]].")
    return wishes


def of_seed(body: Mapping[str, Any]) -> tuple[Trouble, ...]:
    """A seed equal to an error code of the service; 50411.0 is 50411, true is no number."""
    seed = body.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, (int, float)) or seed not in _seed_codes():
        return ()
    return (of_code(str(int(seed)), "seed", "$.seed"),)


def of_picture(word: str | None) -> tuple[Trouble, ...]:
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
def _wishes(text: str, origin: Origin, where: str) -> tuple[Trouble, ...]:
    """Each stage is asked for once; `duration` goes to the drip or hang beside it."""
    wishes = [_wish(piece.strip(), origin, where) for piece in text.split(";") if piece.strip()]
    if not 1 <= len(wishes) <= _MOST:
        raise BadRule(where, f"{len(wishes)} wishes", f"1 to {_MOST} of {_forms()}", "Join them by '; '.")
    troubles = tuple(_READERS[wish.name](wish.value, origin, where) for wish in wishes if wish.name != "duration")
    lengths = [wish.value for wish in wishes if wish.name == "duration"]
    _refuse_repeats([trouble.stage for trouble in troubles] + ["duration"] * len(lengths), where)
    return _with_duration(troubles, lengths[0], where) if lengths else troubles


def _wish(piece: str, origin: Origin, where: str) -> _Wish:
    name, sign, value = (part.strip() for part in piece.partition("="))
    if not sign and origin != "header":
        return _Wish("", name)
    if not sign or name not in FIELDS:
        hint = did_you_mean(name, FIELDS)
        raise BadRule(where, f"{shown(piece)} is not understood", f"{_forms()}, joined by '; '", hint)
    return _Wish(name, value)


def _forms() -> str:
    return "code=50411, fault=reset, delay=3s, duration=2s"


def _code(value: str, origin: Origin, where: str) -> Trouble:
    return of_code(value, origin, where)


def _fault(value: str, origin: Origin, where: str) -> Trouble:
    return of_word(value, origin, where)


def _delay(value: str, origin: Origin, where: str) -> Trouble:
    return Trouble(origin, delay_s=_seconds(value, where))


_READERS: Mapping[str, Callable[[str, Origin, str], Trouble]] = {
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


def _with_duration(troubles: tuple[Trouble, ...], text: str, where: str) -> tuple[Trouble, ...]:
    duration_s = _seconds(text, where)
    if not any(_takes_duration(trouble) for trouble in troubles):
        known = " or ".join(fault.name for fault in faults.FAULTS if fault.takes_duration)
        raise BadRule(where, "a duration without a fault that has one", f"fault={known} beside it",
                      "For a late first byte write delay=3s.")  # fmt: skip
    return tuple(replace(each, duration_s=duration_s) if _takes_duration(each) else each for each in troubles)


def _takes_duration(trouble: Trouble) -> bool:
    return trouble.fault is not None and trouble.fault.takes_duration


def _refuse_repeats(stages: list[str], where: str) -> None:
    twice = next((stage for stage in stages if stages.count(stage) > 1), None)
    if twice:
        raise BadRule(where, f"two wishes for the stage {twice}", "at most one for each stage", "Keep one of them.")
