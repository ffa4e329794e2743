"""Strict JSON for request bodies, with errors that name the line, the column and the likely cause.

The documents' own examples are not JSON (`//` comments, missing commas: S0, S1, S2, S4), and people copy them.
The structure is measured before anything is built from it: decoded, 16 MB of small values would take
850 MB of memory and 10 s of CPU time. stages/parse.py calls this.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from volcv_mock import contract
from volcv_mock.model import Problem

Read = tuple[Mapping[str, Any] | None, Problem | None, tuple[str, ...]]
SOURCE = "RFC 8259"
MOST_DIGITS = sys.float_info.max_10_exp + 1
"""Of an integer: as many as a double can hold. Reading and writing one takes the square of its digits."""

_GZIP = b"\x1f\x8b"
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
"""A string; one that is not closed reaches to the end of the text. Possessive, so that nothing is kept for
backtracking: eight million escapes would otherwise take hundreds of megabytes."""
_TOKEN = re.compile(_STRING + r"|-?Infinity|NaN|-?\d[\d.eE+-]*", re.DOTALL)
"""A string, or what the decoder takes for a number."""
_COMMENT = re.compile("(" + _STRING + r")|//[^\n]*", re.DOTALL)
"""A string, which stays, or a comment up to the end of its line."""
_STRUCTURE = re.compile(_STRING + r"|[\[{\]},]", re.DOTALL)
"""A string, or a character that opens, closes or separates values."""


class _OutOfRange(ValueError):
    """A number that a double cannot hold: as written, with the `found`, `wanted` and `fix` of its Problem."""

    def __init__(self, written: str, found: str, wanted: str, fix: str) -> None:
        super().__init__(found)
        self.written, self.found, self.wanted, self.fix = written, found, wanted, fix


def read_object(data: bytes) -> Read:
    """(object, problem, notes): exactly one of object and problem is not None."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, _encoding_problem(error), ()
    if "//" in text and contract.reading("samples-are-not-json") == "comments":
        text = _COMMENT.sub(lambda found: found[1] or "", text)
    problem = _structure_problem(text)
    if problem:
        return None, problem, ()
    notes: list[str] = []
    try:
        value = _decoded(text, notes)
    except json.JSONDecodeError as error:
        return None, _syntax_problem(text, error), ()
    except _OutOfRange as error:
        return None, _number_problem(text, error), ()
    if not isinstance(value, dict):
        found = f"a JSON {_kind(value)}"
        return None, _problem(found, "one JSON object", "Wrap the members in { }.", "json_not_object"), ()
    if notes and contract.reading("duplicate-members") == "refuse":
        return None, _problem(notes[0], "each member once", "Leave out all but one.", "json_syntax"), ()
    return (_without_nulls(value), None, tuple(notes))


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """The members that are not null, when a reading takes null as absent; else all."""
    if None not in value.values() or contract.reading("null-is-not-absent") == "refuse":
        return value
    return {name: member for name, member in value.items() if member is not None}


def _decoded(text: str, notes: list[str]) -> Any:
    """The value; duplicate keys are noted. Few bodies have them: those are decoded again, with a decoder of their own,
    which takes as long to build as a small body to decode."""

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
            notes.append(f"duplicate keys, the last counts: {', '.join(twice)[:200]}")
        return value

    try:
        return _DECODER.decode(text)
    except _DuplicateKeys:
        return _decoder(noted).decode(text)


class _DuplicateKeys(Exception):
    """An object has a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _DuplicateKeys
    return value


def _no_constant(name: str) -> float:
    raise _OutOfRange(name, f"{name} is not JSON", "a finite number", "Send a number, or leave the member out.")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        fix = "Send what a double can hold, or leave the member out."
        raise _OutOfRange(text, f"{text[:40]} is too large for a number", "a finite number", fix)
    return value


def _int(text: str) -> int:
    digits = len(text.lstrip("-"))
    if digits > MOST_DIGITS:
        raise _OutOfRange(text, f"an integer of {digits} digits", f"at most {MOST_DIGITS}", "Send fewer digits.")
    return int(text)


def _decoder(members: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=members, parse_constant=_no_constant, parse_float=_finite, parse_int=_int)


_DECODER = _decoder(_unique)


def _structure_problem(text: str) -> Problem | None:
    """Values nested too deeply, or too many of them. Counting characters shows that most bodies have neither."""
    deepest, most = int(contract.parameter("json_depth")), int(contract.parameter("json_values"))
    openings = text.count("[") + text.count("{")
    if openings <= deepest and openings + text.count(",") <= most:
        return None
    depth = values = strings = 0
    for token in _STRUCTURE.finditer(text):
        first = text[token.start()]
        if first == '"':
            strings += 1
        elif first in "]}":
            depth -= 1
        else:
            values += 1
            depth += first != ","
        if depth > deepest:
            return _nesting_problem(deepest)
        if values > most:
            return _too_many_values(most)
        if depth < 0 or strings > 2 * most:  # not JSON: the decoder stops before this place
            return None
    return None


def _kind(value: Any) -> str:
    return {list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")


def _problem(found: str, wanted: str, fix: str, rule: str, where: str = "body") -> Problem:
    return Problem(where, found, wanted, fix, rule, SOURCE)


def _encoding_problem(error: UnicodeDecodeError) -> Problem:
    if error.object.startswith(_GZIP):
        fix = "Send the JSON plain: no document knows a Content-Encoding."
        return _problem("a gzip body", "UTF-8", fix, "json_encoding")
    found = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
    return _problem(found, "UTF-8", "Encode the body as UTF-8, without a byte order mark.", "json_encoding")


def _nesting_problem(deepest: int) -> Problem:
    found, wanted = f"nested more than {deepest} levels deep", f"at most {deepest} levels"
    return _problem(found, wanted, "Send only the members that the document lists.", "json_nesting")


def _too_many_values(most: int) -> Problem:
    found, wanted = f"more than {most} values", f"at most {most} values"
    return _problem(found, wanted, "Send only the members that the document lists.", "json_values")


def _number_problem(text: str, error: _OutOfRange) -> Problem:
    where = _place(text, next(token.start() for token in _TOKEN.finditer(text) if token[0] == error.written))
    return _problem(error.found, error.wanted, error.fix, "json_number_range", where)


def _place(text: str, at: int) -> str:
    return f"body line {text.count(chr(10), 0, at) + 1} column {at - text.rfind(chr(10), 0, at)}"


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Problem:
    where = f"body line {error.lineno} column {error.colno}"
    near = text[error.pos : error.pos + 20]
    found = f"{error.msg} near {near!r}" if near else f"{error.msg} at the end of the body"
    return _problem(found, "strict JSON", _hint(text, error), "json_syntax", where)


def _hint(text: str, error: json.JSONDecodeError) -> str:
    """How to fix a syntax error: the likely cause, judged by the text around it."""
    before, after = text[: error.pos].rstrip()[-200:], text[error.pos : error.pos + 200].lstrip()
    if not text.strip():
        return "The body is empty."
    if not after:
        return "The body ends too early: was it cut off?"
    if text.startswith("\ufeff"):
        return "Leave out the byte order mark."
    if after.startswith(("//", "/*")) or before.endswith("//"):
        return "JSON has no comments: delete the // remark (the documents' own examples carry them)."
    if re.search(r"[\s:,\[]-?0$", before) and after[:1].isdigit():
        return "A number has no leading zero."
    if error.msg.startswith("Expecting ',' delimiter"):
        return "A comma is missing before this."
    if error.msg.startswith("Extra data"):
        return "One body holds one object; send the second in a request of its own."
    if error.msg.startswith("Illegal trailing comma") or (before.endswith(",") and after[:1] in "}]"):
        return "Delete the comma before the closing bracket."
    if after.startswith("'"):
        return "JSON strings stand in double quotes."
    if re.match(r"(True|False|None)\b", after):
        return "Write true, false or null."
    if error.msg.startswith(("Invalid control character", "Unterminated string")):
        return "Escape control characters inside a string, and close it."
    if re.match(r"[A-Za-z_]\w*=", text):
        return "That is a form; send one JSON object."
    return "Produce the body with a JSON library."
