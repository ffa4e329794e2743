"""Kinds of setting: which values are permitted, and how one is read from the text of a flag or a variable.

A kind validates one value. Sources and error messages are the work of config/__init__.py and config_keys.py. Numbers
are read from text only where a source has nothing but text: in a TOML file "7" is not 7.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from volcv_mock._util.frozen import frozen

_HOST_NAME = r"(?![A-Za-z0-9_.-]{254})[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?"
"""A host name: no label is empty or longer than 63 characters, which the system's resolver would raise for."""
_PLACE = rf"(?:{_HOST_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::\d{{1,5}})?"
HOST = re.compile(rf"{_HOST_NAME}|\[?(?=[^\]]*:)[0-9A-Fa-f:.]{{2,45}}\]?", re.ASCII)
HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9_*.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
BASE_URL = re.compile(rf"https?://{_PLACE}(?:/[A-Za-z0-9_.~/-]{{0,200}})?", re.ASCII)
TRACE_URL = re.compile(rf"(?=.*\{{trace_id\}})https?://{_PLACE}[/?#][!-~]{{1,1000}}", re.ASCII)
"""Any path and query: it is a link to whatever shows traces."""
FILE_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,4096}")
KEY = re.compile(r"[\x21-\x7e]{1,512}")

_NOT_IN_A_KEY = re.compile(r"[^\x21-\x7e]")
_NAMES = {"\n": "a line feed", "\r": "a carriage return", "\t": "a tab", " ": "a space", "\ufeff": "a byte order mark",
          "\u200b": "a zero-width space", "\xa0": "a no-break space"}  # fmt: skip

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,19})?|\.\d{1,19})", re.ASCII)
_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@frozen
class Kind:
    """`check` returns the value to keep, or raises ValueError; `from_text` does the same from text."""

    wanted: str
    check: Callable[[Any], Any]
    from_text: Callable[[str], Any]
    choices: tuple[str, ...] = ()


def whole(least: int, most: int) -> Kind:
    """A whole number between two bounds, both included."""

    def check(value: Any) -> int:
        return int(_demand(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, value))

    return Kind(f"a whole number from {least} to {most}", check, lambda text: check(int(_matching(_WHOLE, text))))


def number(least: float, most: float) -> Kind:
    """A finite number between two bounds, both included."""

    def check(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return float(_demand(is_number and least <= value <= most, value))

    return Kind(f"a number from {least:g} to {most:g}", check, lambda text: check(float(_matching(_NUMBER, text))))


def truth() -> Kind:
    """A boolean; as text 1, true, yes, on, 0, false, no, off."""

    def check(value: Any) -> bool:
        return bool(_demand(isinstance(value, bool), value))

    def from_text(text: str) -> bool:
        _demand(text.lower() in _TRUTHS, text)
        return _TRUTHS[text.lower()]

    return Kind("true or false", check, from_text)


def choice(*values: str) -> Kind:
    """One of these texts."""

    def check(value: Any) -> str:
        return str(_demand(isinstance(value, str) and value in values, value))

    return Kind("one of " + ", ".join(values), check, check, values)


def text(pattern: re.Pattern[str], wanted: str) -> Kind:
    """A text that the pattern matches as a whole."""

    def check(value: Any) -> str:
        return _matching(pattern, value)

    return Kind(wanted, check, check)


def url(pattern: re.Pattern[str], wanted: str) -> Kind:
    """A URL that the pattern matches as a whole, with a port that exists."""

    def check(value: Any) -> str:
        text_given = _matching(pattern, value)
        _demand(urlsplit(text_given).port != 0, value)  # above 65535 it raises ValueError itself
        return text_given

    return Kind(wanted, check, check)


def texts(pattern: re.Pattern[str], wanted: str, most: int = 1000) -> Kind:
    """Several texts: an array in a file, separated by commas in a variable."""

    def check(value: Any) -> tuple[str, ...]:
        _demand(isinstance(value, list | tuple) and len(value) <= most, value)
        return tuple(_matching(pattern, item) for item in value)

    def from_text(joined: str) -> tuple[str, ...]:
        return check(items(joined))

    return Kind(wanted, check, from_text)


def pairs(pattern: re.Pattern[str], wanted: str, most: int = 1000) -> Kind:
    """A table from one text to another. In a variable: NAME=VALUE, separated by commas."""

    def check(value: Any) -> dict[str, str]:
        _demand(isinstance(value, Mapping) and len(value) <= most, value)
        return {_matching(pattern, name): _matching(pattern, item) for name, item in value.items()}

    def from_text(joined: str) -> dict[str, str]:
        parts = [item.partition("=") for item in items(joined)]
        _demand(all(mark for _, mark, _ in parts), joined)
        return check({name: item for name, _, item in parts})

    return Kind(wanted, check, from_text)


def items(joined: str) -> list[str]:
    """The parts of a text at its commas, without spaces around them. Other white space stays: it is a mistake."""
    return [item.strip(" ") for item in joined.split(",") if item.strip(" ")]


def bad_character(key: str) -> str:
    """Which character of a key is not permitted and where, without showing the key; "" when all are."""
    found = _NOT_IN_A_KEY.search(key)
    if found is None:
        return ""
    place = "ends with" if found.start() == len(key.rstrip("\r\n")) else "contains"
    place = "begins with" if found.start() == 0 else place
    return f"it {place} {_NAMES.get(found[0], 'the character')} (U+{ord(found[0]):04X})"


def _demand(is_good: bool, value: Any) -> Any:
    if not is_good:
        raise ValueError
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    return str(_demand(isinstance(value, str) and pattern.fullmatch(value) is not None, value))
