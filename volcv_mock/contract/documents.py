"""Reads `schemas/`: JSON files by name, `$ref`s resolved, and the transform that makes a profile.

A resolved schema has no `$ref` left. The dialect (schemas/README.md) allows only annotations beside
a `$ref`, so laying them over the target says the same as applying both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from volcv_mock._util.frozen import frozen
from volcv_mock._util.paths import shelf
from volcv_mock.contract.in_force import in_force, per_contract
from volcv_mock.contract.inheritance import PROVENANCE, expanded
from volcv_mock.model import Profile

Schema = Mapping[str, Any]
COMMON_URN = "urn:volcv-mock:common:"
REQUIRED = "required"


class Patch(NamedTuple):
    """What a reading changes: one keyword of a member ("strength", or "req_key.member"). None removes the keyword.

    The keyword `required` with the value False makes the member optional.
    """

    member: str
    keyword: str
    value: Any
    source: tuple[str, ...]
    grade: str


Patches = tuple[Patch, ...]


@frozen
class Shape:
    """How a request schema is loaded: the profile, and what readings change of it."""

    profile: Profile = "default"
    is_closed: bool = False
    has_ranges: bool = True
    patches: Patches = ()


PLAIN = Shape()
"""The schema as it stands in its file."""


def document(name: str) -> dict[str, Any]:
    """One file of the contract in force: the user's, else the shipped one. Callers must not change it."""
    own = in_force().documents.get(name)
    return _shipped(name) if own is None else own


@cache
def _shipped(name: str) -> dict[str, Any]:
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


def in_shape(node: Any, shape: Shape) -> Any:
    """The schema as a profile and readings want it.

    strict turns advice into demands. A closed object has no unknown members and none that would be ignored;
    without ranges every number is accepted, because one outside its range is clamped or ignored.
    """
    if isinstance(node, list):
        return [in_shape(item, shape) for item in node]
    if not isinstance(node, Mapping) or (shape.profile != "strict" and shape.has_ranges and not shape.is_closed):
        return node
    made = {key: value if key in PROVENANCE else in_shape(value, shape) for key, value in node.items()}
    made = _advised(made) if shape.profile == "strict" else made
    made = _closed(made) if shape.is_closed else made
    return made if shape.has_ranges or made.get("type") not in ("integer", "number") else _without_range(made)


def patched(schema: Schema, request_schema: str, patches: Patches, home: Schema | None = None) -> dict[str, Any]:
    """The schema of one input mode with the keywords that readings change; `home` resolves a member's `$ref`."""
    made = {**schema, "properties": dict(schema["properties"])}
    for patch in patches:
        req_key, dot, member = patch.member.rpartition(".")
        if member not in made["properties"] or (dot and request_schema != f"requests/{req_key}.schema.json"):
            continue
        if patch.keyword == REQUIRED:
            made[REQUIRED] = [name for name in made[REQUIRED] if name != member]
        else:
            part = made["properties"][member]
            part = part if home is None else resolved(part, home)
            made["properties"][member] = _with_keyword(part, patch)
    return made


def _with_keyword(part: Schema, patch: Patch) -> dict[str, Any]:
    if patch.keyword == "minItems" and part.get("minItems", 0) > patch.value:
        return dict(part)  # a branch that needs more items keeps its own bound
    kept = {key: value for key, value in part.items() if key != patch.keyword}
    if patch.value is None:
        return kept
    provenance = {
        "x-source": {**part.get("x-source", {}), patch.keyword: list(patch.source)},
        "x-grade": {**part.get("x-grade", {}), patch.keyword: patch.grade},
    }
    return {**kept, patch.keyword: patch.value, **provenance}


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
def task_schema(name: str, shape: Shape = PLAIN) -> dict[str, Any]:
    """A schema of schemas/tasks/, complete in itself."""
    home = document(f"tasks/{name}.schema.json")
    made: dict[str, Any] = in_shape(resolved(home, home), shape)
    return made


@per_contract
def branch(request_schema: str, mode: str, shape: Shape = PLAIN) -> dict[str, Any]:
    """The schema of one req_key in one input mode, complete in itself."""
    home = document(request_schema)
    made = patched(resolved(home["$defs"][mode], home), request_schema, shape.patches)
    shaped: dict[str, Any] = in_shape(made, shape)
    return shaped


def answer_file(req_key: str) -> bytes:
    """The picture of the user's folder that a row with `file:` answers with."""
    return in_force().files[req_key]


def catalog_rows() -> tuple[Mapping[str, Any], ...]:
    """The rows of the catalog in force: a row of the user's folder replaces the shipped one of its req_key."""
    shipped = {raw["req_key"]: raw for raw in document("catalog.json")["operations"]}
    return tuple({**shipped, **in_force().rows}.values())
