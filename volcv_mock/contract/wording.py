"""Turns what a schema finds into a Problem: what was found, what was wanted, how to fix it.

jsonschema's own message is not used: it prints the whole instance and is written for schema authors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.documents import Schema
from volcv_mock.contract.provenance import cite
from volcv_mock.contract.spelling import nearest
from volcv_mock.model import Problem

Path = tuple[str | int, ...]
PICTURE_FIELDS = ("binary_data_base64", "image_urls")
TYPES = {
    "integer": "a whole number", "number": "a number", "string": "text", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "null",
}  # fmt: skip
LONGEST_NAME = 60
COUNTS = {0: "no", 1: "one", 2: "two", 3: "three"}


@frozen
class BrokenKeyword:
    """One keyword broken: at which path, by what value, in which part of the schema."""

    path: Path
    keyword: str
    value: Any = field(compare=False, default=None)
    part: Schema = field(compare=False, default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the member, or "the body" at the root."""
        return str(self.path[-1]) if self.path else "the body"


def problem_from(finding: BrokenKeyword, roles: tuple[str, ...]) -> Problem:
    """The Problem of a finding; `roles` name the pictures by their position."""
    found, wanted, fix = _words(finding, roles)
    return Problem(
        where=json_path(finding.path),
        found=found,
        wanted=wanted,
        fix=fix,
        rule=rule_of(finding),
        source=source_of(finding),
    )


def rule_of(finding: BrokenKeyword) -> str:
    """The keyword's rule; a request without any picture has a rule, and a code row, of its own."""
    is_absent = finding.keyword == "required" and finding.name in PICTURE_FIELDS
    is_empty = finding.keyword == "minItems" and "x-items" in finding.part and not finding.value
    return "picture_missing" if is_absent or is_empty else f"schema_{finding.keyword}"


def source_of(finding: BrokenKeyword) -> str:
    """The documents that state the broken keyword."""
    ids = finding.part.get("x-source", {}).get(finding.keyword, ())
    return cite(ids) or "this mock's strict profile"


def json_path(path: Path) -> str:
    """'$.logo_info.opacity', '$.binary_data_base64[1]'; a name that is no plain word stands quoted."""
    return "$" + "".join(map(_json_step, path))


def _json_step(step: str | int) -> str:
    is_plain = isinstance(step, str) and len(step) <= LONGEST_NAME and step.isidentifier()
    return f".{step}" if is_plain else f"[{shown(step)}]"


def _words(finding: BrokenKeyword, roles: tuple[str, ...]) -> tuple[str, str, str]:
    if "x-items" in finding.part and finding.keyword in ("minItems", "maxItems"):
        return _wrong_count(finding.value, finding.part)
    if finding.keyword == "required":
        return _missing(finding, roles)
    if finding.keyword == "additionalProperties":
        return _unknown_member(finding)
    if finding.keyword == "type":
        return _wrong_type(finding)
    if finding.keyword in ("enum", "const"):
        return _not_permitted(finding)
    return shown(finding.value), _range(finding.part, finding.keyword), _range_fix(finding)


def _wrong_count(items: Any, part: Schema) -> tuple[str, str, str]:
    roles, most = tuple(part["x-items"]), part.get("maxItems", 0)
    if most > len(roles):
        wanted = f"from {part.get('minItems', 0)} to {most} pictures"
        return f"{_count(len(items))} pictures", wanted, f"Send a list of {wanted}."
    found = "one picture, no mask" if len(items) == 1 and "mask" in roles else f"{_count(len(items))} pictures"
    return found, _these(roles), f"Send a list of {_count(len(roles))}: {_order(roles)}."


def _missing(finding: BrokenKeyword, roles: tuple[str, ...]) -> tuple[str, str, str]:
    if finding.name in PICTURE_FIELDS:
        fix = f"Put {_order(roles)} into binary_data_base64, or their URLs into image_urls."
        return "no picture at all", _these(roles), fix
    wanted = TYPES.get(str(finding.value), "a value")
    return "it is missing", wanted, f'Add "{finding.name}" to the body.'


def _unknown_member(finding: BrokenKeyword) -> tuple[str, str, str]:
    ignored: Mapping[str, str] = finding.part.get("x-ignored-members", {})
    if finding.name in ignored:
        return "a field that is ignored here", "only fields that count", f"Leave it out: {ignored[finding.name]}."
    known = list(finding.part.get("properties", ()))
    near = nearest(finding.name, known)
    hint = f"Did you mean '{near}'? " if near else ""
    return "an unknown field", "only known fields", f"{hint}Known: {', '.join(known)}."


def _wrong_type(finding: BrokenKeyword) -> tuple[str, str, str]:
    wanted = TYPES[finding.part["type"]]
    is_item = isinstance(finding.path[-1], int)
    return described(finding.value), wanted, _type_fix(finding.value, finding.part["type"], is_item)


def _type_fix(value: Any, wanted: str, is_item: bool) -> str:
    if wanted == "array" and isinstance(value, str):
        return "Put it into a list: [ ... ]."
    if wanted in ("integer", "number") and isinstance(value, str):
        return "Send the number without quotes."
    if wanted == "integer" and isinstance(value, float):
        return "Round it."
    if value is None and not is_item:
        return "Leave the field out instead of sending null."
    return f"Send {TYPES[wanted]}."


def _not_permitted(finding: BrokenKeyword) -> tuple[str, str, str]:
    permitted = finding.part.get("enum", [finding.part.get("const")])
    wanted = "one of " + ", ".join(shown(value) for value in permitted)
    near = nearest(finding.value, filter(_is_text, permitted)) if _is_text(finding.value) else None
    return shown(finding.value), wanted, f"Did you mean {shown(near)}?" if near else "Choose one of these."


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _range(part: Schema, keyword: str) -> str:
    if keyword in ("minLength", "maxLength"):
        return f"at {'least' if keyword == 'minLength' else 'most'} {part[keyword]} characters"
    if keyword == "pattern":
        return f"text that matches {part[keyword]}"
    if keyword in ("minItems", "maxItems"):
        return "an empty list or none" if part.get("maxItems") == 0 else f"{keyword} {part[keyword]}"
    if "exclusiveMinimum" in part and "exclusiveMaximum" in part:
        return f"above {part['exclusiveMinimum']} and below {part['exclusiveMaximum']}"
    if keyword.startswith("exclusive"):
        return f"{'above' if keyword == 'exclusiveMinimum' else 'below'} {part[keyword]}"
    low, high = part.get("minimum"), part.get("maximum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"at least {low}" if high is None else f"at most {high}"


def _range_fix(finding: BrokenKeyword) -> str:
    if finding.keyword == "maxItems":
        return "Send the pictures once: as base64 or by URL."
    if finding.keyword == "maxLength":
        return "Shorten it."
    return "Choose a value in the range."


def _these(roles: tuple[str, ...]) -> str:
    return f"{_count(len(roles))} ({_order(roles)})"


def _order(roles: tuple[str, ...]) -> str:
    return "the picture, then the mask" if "mask" in roles else "the picture"


def _count(number: int) -> str:
    return COUNTS.get(number, str(number))


def described(value: Any) -> str:
    """'text "7"', 'a list of 3', 'null': the value with its JSON type, short."""
    if isinstance(value, (list, dict)):
        kind = "list" if isinstance(value, list) else "object"
        return f"{'a' if kind == 'list' else 'an'} {kind} of {len(value)}" if value else f"an empty {kind}"
    if value is None or isinstance(value, bool):
        return shown(value)
    return f"text {shown(value)}" if isinstance(value, str) else f"number {shown(value)}"


def shown(value: Any) -> str:
    """A value as JSON, cut to a length that a log line bears; a lone surrogate is escaped."""
    if isinstance(value, (list, dict)):
        return described(value)
    text = json.dumps(_beginning(value), ensure_ascii=False)
    return text if len(text) <= 80 else text[:60] + "…"


def _beginning(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value[:60].encode("utf-8", "backslashreplace").decode("utf-8")
    return text + "…" if len(value) > 60 else text
