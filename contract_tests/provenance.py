"""The suite's own reading of `x-source` and `x-grade`, whose member "*" is inherited (schemas/README.md).

Independent of the mock's reading on purpose: two observers of the same files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = ("x-source", "x-grade")
FIGURES = ("x-picture", "x-mask")
WITHOUT = {"$schema", "$id", "$defs", "$ref", "title", "description", "x-unbounded", "x-gen", *FIGURES, *KINDS}
Defaults = Mapping[str, Any]


def with_provenance(node: Mapping[str, Any], inherited: Defaults | None = None) -> dict[str, Any]:
    """The schema with a source and a grade beside each keyword."""
    return _resolved(node, inherited or {}, WITHOUT)


def _resolved(node: Mapping[str, Any], inherited: Defaults, without: set[str]) -> dict[str, Any]:
    defaults = {kind: node.get(kind, {}).get("*", inherited.get(kind)) for kind in KINDS}
    made = {key: _member(key, value, defaults) for key, value in node.items() if key not in KINDS}
    names = [key for key in made if key not in without]
    for kind in KINDS if names else ():
        found = {name: node.get(kind, {}).get(name, defaults[kind]) for name in names}
        made[kind] = {name: value for name, value in found.items() if value is not None}
    return made


def _member(key: str, value: Any, defaults: Defaults) -> Any:
    if key in FIGURES:
        return _resolved(value, defaults, set(KINDS))
    if key in ("properties", "$defs"):
        return {name: with_provenance(part, defaults) for name, part in value.items()}
    if key == "oneOf":
        return [with_provenance(part, defaults) for part in value]
    return with_provenance(value, defaults) if key == "items" else value
