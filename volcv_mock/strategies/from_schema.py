"""Strategies for values that a schema describes: further members of `data` in the answers of a user's own req_keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

LONGEST_LIST, LONGEST_TEXT, LARGEST = 3, 20, 2**31 - 1
"""Bounds where the schema gives none: examples stay readable."""


def members(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object: what is required always, other members sometimes."""
    parts = {name: values(part) for name, part in schema.get("properties", {}).items()}
    needed = {name: parts[name] for name in schema.get("required", ()) if name in parts}
    return st.fixed_dictionaries(needed, optional={name: part for name, part in parts.items() if name not in needed})


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that satisfy a resolved schema."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "string")
    return st.one_of([_of_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_kind(kind: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        return members(schema)
    if kind == "array":
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", LONGEST_LIST), max(least, LONGEST_LIST))
        return st.lists(values(schema.get("items", {})), min_size=least, max_size=most)
    if kind in ("integer", "number"):
        return _number(kind, schema)
    return {"boolean": st.booleans(), "null": st.none()}.get(kind) or _text(schema)


def _text(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=min(schema.get("maxLength", LONGEST_TEXT), max(least, LONGEST_TEXT)))


def _number(kind: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if kind == "integer":
        low = schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else least
        high = schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else most
        return st.integers(-LARGEST if low is None else low, LARGEST if high is None else high)
    low = schema.get("exclusiveMinimum", least)
    high = schema.get("exclusiveMaximum", most)
    return st.floats(low, high, allow_nan=False, allow_infinity=False, exclude_min="exclusiveMinimum" in schema,
                     exclude_max="exclusiveMaximum" in schema)  # fmt: skip
