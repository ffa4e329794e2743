"""What the request and the response schema of a row must have: input modes, req_key, picture lists, data.

These are what the mock itself relies on; the rest of a schema is the user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock.contract.documents import target_of
from volcv_mock.contract.folder.flaws import Flaws, escaped, hint, listed, shown
from volcv_mock.contract.folder.rows import CATALOG, MODES, LoadedRow

PICTURE_FIELDS = ("binary_data_base64", "image_urls")
EMPTY: dict[str, Any] = {
    "description": "An empty list counts as absent.", "type": "array", "maxItems": 0, "items": {"type": "string"},
}  # fmt: skip
SUCCESS = ("code", "data", "message", "request_id")


def check_request(schema: Mapping[str, Any], file: str, row: LoadedRow, flaws: Flaws) -> None:
    """`oneOf` names one branch per input mode; each branch is an object that says what it holds."""
    branches = schema.get("oneOf") or []
    if not branches:
        flaws.add(file, "/oneOf", "it is missing or empty", "a list of references to branches: #/$defs/base64, ...")
    for index, branch in enumerate(branches):
        mode = str(branch.get("$ref", "")).removeprefix("#/$defs/")
        if not flaws.not_among(mode, MODES, file, f"/oneOf/{index}/$ref"):
            _check_branch(_with_parts(branch, schema), mode, file, row, flaws)


def with_empty_lists(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Each branch with both lists of pictures: clients send an empty one beside the other, and it counts as absent."""
    lists = dict.fromkeys(PICTURE_FIELDS, EMPTY)
    parts = {name: {**part, "properties": {**lists, **part["properties"]}} if "properties" in part else part
             for name, part in schema["$defs"].items() if name in MODES}  # fmt: skip
    return {**schema, "$defs": {**schema["$defs"], **parts}}


def _with_parts(node: Mapping[str, Any], home: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with its references, and those of its members, followed; what lies deeper stays as it is."""
    node, home = _followed(node, home)
    members = node.get("properties", {})
    return {**node, "properties": {name: _followed(part, home)[0] for name, part in members.items()}}


def _followed(node: Mapping[str, Any], home: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What a reference names, with the annotations beside it, and the document that it stands in."""
    while "$ref" in node:
        beside = {name: value for name, value in node.items() if name != "$ref"}
        target, home = target_of(node["$ref"], home)
        node = {**target, **beside}
    return node, home


def _check_branch(branch: Mapping[str, Any], mode: str, file: str, row: LoadedRow, flaws: Flaws) -> None:
    at, parts = f"/$defs/{mode}", branch.get("properties", {})
    if branch.get("type") != "object":
        flaws.add(file, f"{at}/type", shown(branch.get("type")), "object")
    for name in branch.get("required", ()):
        if name not in parts:
            flaws.add(file, f"{at}/required", f"{shown(name)} is no member{hint(name, parts)}", listed(parts))
    for name, part in parts.items():
        if not isinstance(part.get("type"), str):
            flaws.add(file, f"{at}/properties/{escaped(name)}/type", "it is missing", "one type")
    if parts.get("req_key", {}).get("const") != row.key:
        flaws.add(file, f"{at}/properties/req_key/const", shown(parts.get("req_key", {}).get("const")), row.key)
    prompt = row.row.get("prompt_field")
    if prompt is not None and prompt not in parts:
        flaws.add(
            CATALOG, f"{row.at}/prompt_field", f"{shown(prompt)} is no member{hint(prompt, parts)}", listed(parts)
        )
    _check_pictures(parts, mode, file, row, flaws)


def _check_pictures(parts: Mapping[str, Any], mode: str, file: str, row: LoadedRow, flaws: Flaws) -> None:
    """The picture list of the mode has roles, and begins with what the painter needs."""
    if mode == "text":
        if row.roles:
            wanted = f"modes with {listed(row.roles)}"
            flaws.add(file, "/oneOf", f"the mode text, which has no picture for {row.row['painter']}", wanted)
        return
    name = PICTURE_FIELDS[mode.startswith("urls")]
    roles, at = parts.get(name, {}).get("x-items"), f"/$defs/{mode}/properties/{name}/x-items"
    needed = row.roles[:1] if mode.endswith("_ratios") else row.roles
    needed = ("picture", "mask") if mode.endswith("_canvas") else needed
    if not roles or tuple(roles[: len(needed)]) != needed:
        wanted = f"a list that begins with {listed(needed or ('picture',))}"
        flaws.add(file, at, "it is missing" if roles is None else shown(roles), wanted)
    if not isinstance(parts.get(name, {}).get("maxItems"), int):
        flaws.add(file, f"/$defs/{mode}/properties/{name}/maxItems", "it is missing", "the greatest number of pictures")


def check_response(schema: Mapping[str, Any], file: str, row: LoadedRow, flaws: Flaws) -> None:
    """A success has the members of the flat envelope, and data says what it holds."""
    parts = _with_parts(schema, schema)["properties"]
    for name in SUCCESS:
        if name not in parts:
            flaws.add(file, f"/properties/{name}", "it is missing", listed(SUCCESS))
    data = parts.get("data", {}).get("properties")
    if "data" in parts and not data:
        flaws.add(file, "/properties/data/properties", "it is missing or empty", "the members of data")
    for name in row.members:
        if data and name not in data:
            flaws.add(
                CATALOG,
                f"{row.at}/data/{escaped(name)}",
                f"no member of data in {file}{hint(name, data)}",
                listed(data),
            )
