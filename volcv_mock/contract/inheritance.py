"""Provenance with defaults: a schema file names its usual source and grade once, and then only exceptions.

In `x-source` and `x-grade` the member "*" counts for every keyword of its object, and of the objects inside,
that names none itself. `expanded` writes the values out, so that no other code needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PROVENANCE = ("x-source", "x-grade")
DEFAULT = "*"
FIGURES = ("x-picture", "x-mask")
"""Objects whose members are figures: each has a source and a grade of its own."""
UNSOURCED = frozenset(
    {"$schema", "$id", "$defs", "$ref", "title", "description", "x-unbounded", "x-gen", *FIGURES, *PROVENANCE}
)


def expanded(node: Mapping[str, Any], inherited: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The schema with a source and a grade beside every keyword."""
    defaults = {name: node.get(name, {}).get(DEFAULT, (inherited or {}).get(name)) for name in PROVENANCE}
    made = {key: _inside(key, value, defaults) for key, value in node.items() if key not in PROVENANCE}
    return {**made, **_written_out(node, [key for key in node if key not in UNSOURCED], defaults)}


def _inside(key: str, value: Any, defaults: Mapping[str, Any]) -> Any:
    if key in ("properties", "$defs"):
        return {name: expanded(part, defaults) for name, part in value.items()}
    if key == "oneOf":
        return [expanded(part, defaults) for part in value]
    if key == "items" and isinstance(value, Mapping):
        return expanded(value, defaults)
    if key in FIGURES:
        return _figures(value, defaults)
    return value


def _figures(node: Mapping[str, Any], inherited: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {name: node.get(name, {}).get(DEFAULT, inherited[name]) for name in PROVENANCE}
    names = [key for key in node if key not in PROVENANCE]
    return {**{name: node[name] for name in names}, **_written_out(node, names, defaults)}


def _written_out(node: Mapping[str, Any], names: list[str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """x-source and x-grade by keyword; a keyword without either is left out, for the tests to find."""
    return {kind: dict(_named(node.get(kind, {}), names, defaults[kind])) for kind in PROVENANCE if names}


def _named(own: Mapping[str, Any], names: list[str], default: Any) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = own.get(name, default)
        if value is not None:
            yield name, value
