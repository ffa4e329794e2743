"""What is taken otherwise than sent, with a note: by the lenient profile, or by a reading.

Numbers outside a range, numbers sent as text, a member that is not read. validation.py refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.documents import Schema, branch
from volcv_mock.contract.operations import operation
from volcv_mock.contract.readings import reading
from volcv_mock.contract.wording import shown
from volcv_mock.model import Profile

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,18})(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def tolerated(
    req_key: str, mode: str, body: Mapping[str, Any], profile: Profile
) -> tuple[Mapping[str, Any], list[str]]:
    """The body as readings and the lenient profile take it, with a note for each change.

    Numbers sent as text are converted, numbers outside their range moved to its end or left out. A member that is not
    read is left out, whatever its type.
    """
    as_text, outside = reading("numbers-as-text", profile) == "convert", reading("out-of-range", profile)
    notes: list[str] = []
    if "custom_prompt" in body and _is_prompt_only(req_key, profile):
        notes.append("$.custom_prompt: not read")
        body = {name: value for name, value in body.items() if name != "custom_prompt"}
    if as_text or outside != "refuse":
        schema = branch(operation(req_key).request_schema, mode)
        body = _tolerated(schema, body, "$", _Tolerance(as_text, outside, notes))
    return body, notes


def _is_prompt_only(req_key: str, profile: Profile) -> bool:
    is_outpainting = operation(req_key).painter == "outpainting"
    return is_outpainting and reading("outpainting-text-field", profile) == "prompt-only"


def clamp(req_key: str, mode: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Numbers outside a range are moved to its end, each with a note."""
    notes: list[str] = []
    schema = branch(operation(req_key).request_schema, mode)
    return _tolerated(schema, body, "$", _Tolerance(False, "clamp", notes)), tuple(notes)


@frozen
class _Tolerance:
    """`outside`: what becomes of a number outside its range, `refuse`, `clamp` or `ignore`."""

    as_text: bool
    outside: str
    notes: list[str]


def _tolerated(schema: Schema, values: Mapping[str, Any], where: str, how: _Tolerance) -> dict[str, Any]:
    made = dict(values)
    for name, part in schema["properties"].items():
        place = f"{where}.{name}"
        if isinstance(made.get(name), Mapping) and "properties" in part:
            made[name] = _tolerated(part, made[name], place, how)
            continue
        if how.as_text and part.get("type") in ("integer", "number") and isinstance(made.get(name), str):
            made[name] = _converted(made[name], place, how.notes)
        if how.outside != "refuse" and _is_number(made.get(name), part):
            held = _nearest_in(part, made[name])
            if held != made[name] and how.outside == "ignore":
                how.notes.append(f"{place}: {shown(made.pop(name))} is outside the range and was ignored")
            elif held != made[name]:
                said = f"{shown(made[name])} is outside the range and was taken as {shown(held)} (lenient)"
                how.notes.append(f"{place}: {said}")
                made[name] = held
    return made


def _converted(text: str, where: str, notes: list[str]) -> Any:
    """The number a text holds; any other text stays, and is refused."""
    if not _NUMBER.fullmatch(text):
        return text
    notes.append(f"{where}: the text {text!r} was taken as a number")
    return float(text) if set(text) & set(".eE") else int(text)


def _nearest_in(part: Schema, value: Any) -> Any:
    held = max(value, part.get("minimum", value))
    return min(held, part.get("maximum", held))


def _is_number(value: Any, part: Schema) -> bool:
    """Whether the value is a number of the member's own type: half a seed is no seed, and stays refused."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return part.get("type") == "number" or (part.get("type") == "integer" and value == value // 1)
