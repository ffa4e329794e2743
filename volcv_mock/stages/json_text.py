"""Strict JSON for request bodies, with errors a person can act on.

The documents' own examples are not JSON (`//` comments, missing commas: S0, S1, S2, S4), so people
paste them; the line, the column and a hint are what they need (ledger row 4).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from volcv_mock.model import Problem

Read = tuple[dict[str, Any] | None, Problem | None, tuple[str, ...]]
SOURCE = "RFC 8259"


class _OutOfRange(ValueError):
    pass


def read_object(data: bytes) -> Read:
    """(object, problem, notes): exactly one of object and problem is there."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, _encoding_problem(error), ()
    notes: list[str] = []
    try:
        value = _decoder(notes).decode(text)
    except json.JSONDecodeError as error:
        return None, _syntax_problem(text, error), ()
    except RecursionError:
        return (
            None,
            _problem("nested too deep", "a flat object", "Send the members the document lists.", "json_nesting"),
            (),
        )
    except ValueError as error:
        return None, _number_problem(error), ()
    if not isinstance(value, dict):
        found = f"a JSON {_kind(value)}"
        return None, _problem(found, "one JSON object", "Wrap the members in { }.", "json_not_object"), ()
    return value, None, tuple(notes)


def _decoder(notes: list[str]) -> json.JSONDecoder:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
            notes.append(f"duplicate keys, the last counts: {', '.join(twice)[:200]}")
        return value

    return json.JSONDecoder(object_pairs_hook=members, parse_constant=_no_constant, parse_float=_finite)


def _no_constant(name: str) -> float:
    raise _OutOfRange(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _OutOfRange(f"{text[:40]} is too large for a number")
    return value


def _kind(value: Any) -> str:
    return {list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")


def _problem(found: str, wanted: str, mend: str, rule: str, where: str = "body") -> Problem:
    return Problem(where, found, wanted, mend, rule, SOURCE)


def _encoding_problem(error: UnicodeDecodeError) -> Problem:
    found = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
    return _problem(found, "UTF-8", "Encode the body as UTF-8, without a byte order mark.", "json_encoding")


def _number_problem(error: ValueError) -> Problem:
    found = str(error) if isinstance(error, _OutOfRange) else "an integer of thousands of digits"
    return _problem(
        found, "finite JSON numbers", "NaN and Infinity are not JSON; send null or leave it out.", "json_number_range"
    )


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Problem:
    where = f"body line {error.lineno} column {error.colno}"
    near = text[error.pos : error.pos + 20]
    found = f"{error.msg} near {near!r}" if near else f"{error.msg} at the end of the body"
    return _problem(found, "strict JSON", _hint(text, error), "json_syntax", where)


def _hint(text: str, error: json.JSONDecodeError) -> str:
    """The slip behind a syntax error, told from the text around it."""
    before, after = text[: error.pos].rstrip()[-200:], text[error.pos : error.pos + 200].lstrip()
    if not text.strip():
        return "The body is empty."
    if text.startswith("\ufeff"):
        return "Leave out the byte order mark."
    if after.startswith(("//", "/*")) or before.endswith("//"):
        return "JSON has no comments: delete the // remark (the documents' own examples carry them)."
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
    return "Produce the body with a JSON library."
