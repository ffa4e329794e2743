"""Kinds of setting: what a value may be, and how it is read from the text of a flag or a variable.

A kind judges one value; where the value came from, and what is said about a bad one, is config.py's
business. Text is read as such only where a source has nothing but text: in a TOML file "7" is not 7.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?", re.ASCII)
HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9_*.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
BASE_URL = re.compile(r"https?://[A-Za-z0-9_.:\[\]-]{1,260}(?:/[A-Za-z0-9_.~/-]{0,200})?", re.ASCII)
KEY = re.compile(r"[\x21-\x7e]{1,512}")

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,19})?|\.\d{1,19})", re.ASCII)
_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """`check` returns the value as it is kept, or raises ValueError; `from_text` likewise, from text."""

    wanted: str
    check: Callable[[Any], Any]
    from_text: Callable[[str], Any]
    choices: tuple[str, ...] = ()


def whole(least: int, most: int) -> Kind:
    def check(value: Any) -> int:
        return int(_demand(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, value))

    return Kind(f"a whole number from {least} to {most}", check, lambda text: check(int(_matching(_WHOLE, text))))


def number(least: float, most: float) -> Kind:
    def check(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return float(_demand(is_number and least <= value <= most, value))

    return Kind(f"a number from {least:g} to {most:g}", check, lambda text: check(float(_matching(_NUMBER, text))))


def truth() -> Kind:
    def check(value: Any) -> bool:
        return bool(_demand(isinstance(value, bool), value))

    def from_text(text: str) -> bool:
        _demand(text.lower() in _TRUTHS, text)
        return _TRUTHS[text.lower()]

    return Kind("true or false", check, from_text)


def choice(*values: str) -> Kind:
    def check(value: Any) -> str:
        return str(_demand(isinstance(value, str) and value in values, value))

    return Kind("one of " + ", ".join(values), check, check, values)


def text(pattern: re.Pattern[str], wanted: str) -> Kind:
    def check(value: Any) -> str:
        return _matching(pattern, value)

    return Kind(wanted, check, check)


def texts(pattern: re.Pattern[str], wanted: str, most: int = 1000) -> Kind:
    """Several texts: an array in a file, separated by commas in a variable."""

    def check(value: Any) -> tuple[str, ...]:
        _demand(isinstance(value, list | tuple) and len(value) <= most, value)
        return tuple(_matching(pattern, item) for item in value)

    def from_text(joined: str) -> tuple[str, ...]:
        return check([item.strip() for item in joined.split(",") if item.strip()])

    return Kind(wanted, check, from_text)


def pairs(pattern: re.Pattern[str], wanted: str, most: int = 1000) -> Kind:
    """A table from one text to another. In a variable: NAME=VALUE, separated by commas."""

    def check(value: Any) -> dict[str, str]:
        _demand(isinstance(value, Mapping) and len(value) <= most, value)
        return {_matching(pattern, name): _matching(pattern, item) for name, item in value.items()}

    def from_text(joined: str) -> dict[str, str]:
        parts = [item.strip().partition("=") for item in joined.split(",") if item.strip()]
        _demand(all(mark for _, mark, _ in parts), joined)
        return check({name: item for name, _, item in parts})

    return Kind(wanted, check, from_text)


def _demand(is_good: bool, value: Any) -> Any:
    if not is_good:
        raise ValueError
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    return str(_demand(isinstance(value, str) and pattern.fullmatch(value) is not None, value))
