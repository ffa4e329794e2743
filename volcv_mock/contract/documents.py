"""Reads `schemas/`: JSON files by name, `$ref`s resolved, and the transform that makes a profile.

A resolved schema has no `$ref` left. The dialect (schemas/README.md) allows only annotations beside
a `$ref`, so laying them over the target says the same as applying both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from volcv_mock._util.paths import shelf
from volcv_mock.contract.inheritance import PROVENANCE, expanded
from volcv_mock.model import Profile

Schema = Mapping[str, Any]
COMMON_URN = "urn:volcv-mock:common:"


@cache
def document(name: str) -> dict[str, Any]:
    """One file of schemas/, parsed, its provenance written out. Callers must not change it."""
    loaded: dict[str, Any] = json.loads((shelf("schemas") / name).read_text(encoding="utf-8"))
    return expanded(loaded) if name.endswith(".schema.json") else loaded


def common(name: str) -> dict[str, Any]:
    """A schema of `schemas/common/`, by its name without suffix."""
    return document(f"common/{name}.schema.json")


def target_of(ref: str, home: Schema) -> tuple[Schema, Schema]:
    """What a `$ref` means, and the document it stands in."""
    urn, _, pointer = ref.partition("#")
    place = common(urn.removeprefix(COMMON_URN)) if urn else home
    node: Any = place
    for step in filter(None, pointer.split("/")):
        node = node[step]
    return node, place


def resolved(node: Any, home: Schema) -> Any:
    """The same schema without any `$ref`."""
    if isinstance(node, list):
        return [resolved(item, home) for item in node]
    if not isinstance(node, Mapping):
        return node
    own = {key: resolved(value, home) for key, value in node.items() if key not in ("$ref", "$defs")}
    if "$ref" not in node:
        return own
    return laid_over(resolved(*target_of(node["$ref"], home)), own)


def laid_over(below: Schema, above: Schema) -> dict[str, Any]:
    """`above` wins; sources and grades of both are kept."""
    both = {key: {**below[key], **above[key]} for key in PROVENANCE if key in below and key in above}
    return {**{k: v for k, v in below.items() if not k.startswith("$")}, **above, **both}


def in_profile(node: Any, profile: Profile) -> Any:
    """The schema as a profile wants it.

    strict closes objects, turns advice into demands and drops properties that would be ignored;
    lenient drops the ranges of numbers, which are clamped instead.
    """
    if isinstance(node, list):
        return [in_profile(item, profile) for item in node]
    if not isinstance(node, Mapping) or profile == "default":
        return node
    made = {key: value if key in PROVENANCE else in_profile(value, profile) for key, value in node.items()}
    if profile == "strict":
        return _closed(_advised(made))
    return _without_range(made) if made.get("type") in ("integer", "number") else made


def _advised(node: dict[str, Any]) -> dict[str, Any]:
    """Advice becomes a demand, with the source and grade of the advice."""
    if "x-advice" not in node:
        return node
    advice = node.pop("x-advice")
    provenance = {key: {**node[key], **dict.fromkeys(advice, node[key]["x-advice"])} for key in PROVENANCE}
    return {**node, **advice, **provenance}


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("type") != "object":
        return node
    parts: Schema = node["properties"]
    ignored = {name: part["x-ignored"] for name, part in parts.items() if "x-ignored" in part}
    kept = {name: part for name, part in parts.items() if name not in ignored}
    return {**node, "properties": kept, "additionalProperties": False, "x-ignored-members": ignored}


def _without_range(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in ("minimum", "maximum")}


@cache
def task_schema(name: str, profile: Profile = "default") -> dict[str, Any]:
    """A schema of schemas/tasks/, complete in itself."""
    home = document(f"tasks/{name}.schema.json")
    made: dict[str, Any] = in_profile(resolved(home, home), profile)
    return made


@cache
def branch(request_schema: str, mode: str, profile: Profile) -> dict[str, Any]:
    """The schema of one req_key in one input mode, complete in itself."""
    home = document(request_schema)
    made: dict[str, Any] = in_profile(resolved(home["$defs"][mode], home), profile)
    return made
