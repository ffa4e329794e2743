"""The schemas of a user's row: read, held to the dialect of schemas/README.md, and given the grade `user`.

A `$ref` names a part of the same file ("#/$defs/x"), of a file of the folder ("shared.json#/$defs/x"), or a shipped
common schema ("urn:volcv-mock:common:seed"). References to files are replaced by what they name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from volcv_mock.contract.documents import COMMON_URN
from volcv_mock.contract.folder.branches import check_request, check_response
from volcv_mock.contract.folder.flaws import Flaws, escaped, hint, listed, shown
from volcv_mock.contract.folder.reading import Folder
from volcv_mock.contract.folder.rows import CATALOG, USER, LoadedRow
from volcv_mock.contract.inheritance import expanded
from volcv_mock.contract.provenance import COMMONS

Check = Callable[[Mapping[str, Any], str, LoadedRow, Flaws], None]
KEYWORDS = (
    "type", "const", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "oneOf", "$ref",
    "$defs", "default", "contentEncoding", "title", "description", "$schema", "$id", "x-source", "x-grade",
    "x-unbounded", "x-gen", "x-items", "x-advice", "x-ignored", "x-prefers", "x-together", "x-constant",
)  # fmt: skip
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
ROLES = ("picture", "mask")
DEEPEST = 30
DROPPED = ("$schema", "$id", "x-source", "x-grade")
"""Written anew: the source and grade of a folder are `user`."""
PAPERS = {"x-source": {"*": [USER]}, "x-grade": {"*": USER}}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_type(value: Any) -> bool:
    return value in TYPES if isinstance(value, str) else isinstance(value, list) and all(map(TYPES.__contains__, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


COUNT, NUMBER = (_is_count, "a whole number from 0"), (_is_number, "a number")
OBJECT = (_is_object, "an object")
VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "type": (_is_type, listed(TYPES)),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of values"),
    "required": (_are_names, "a list of names"),
    "properties": OBJECT, "$defs": OBJECT, "x-advice": OBJECT, "x-prefers": OBJECT, "x-gen": OBJECT,
    "additionalProperties": (lambda value: isinstance(value, bool), "true or false"),
    "oneOf": (lambda value: isinstance(value, list), "a list of references"),
    "pattern": (_is_pattern, "a regular expression"),
    "minItems": COUNT, "maxItems": COUNT, "minLength": COUNT, "maxLength": COUNT,
    "minimum": NUMBER, "maximum": NUMBER, "exclusiveMinimum": NUMBER, "exclusiveMaximum": NUMBER,
    "$ref": (_is_text, "text"),
    "x-items": (lambda value: _are_names(value) and set(value) <= set(ROLES), "a list of picture, mask"),
    "x-together": (_are_names, "a list of names"),
    "x-ignored": (_is_text, "text"),
}  # fmt: skip


def request_of(folder: Folder, row: LoadedRow) -> dict[str, Any] | None:
    """The request schema of a row, or None and flaws."""
    return _sound(folder, row, row.request, "request", check_request)


def response_of(folder: Folder, row: LoadedRow) -> dict[str, Any] | None:
    """The response schema of a row, or None and flaws."""
    return _sound(folder, row, row.response, "response", check_response)


def _sound(folder: Folder, row: LoadedRow, file: str, kind: str, check: Check) -> dict[str, Any] | None:
    raw = folder.json(file, CATALOG, f"{row.at}/{kind}")
    if raw is None:
        return None
    before = len(folder.flaws.found)
    schema = _Walk(folder, file).schema(raw, "", 0)
    if len(folder.flaws.found) == before:
        _refuse_circles(schema, file, folder.flaws)
    if len(folder.flaws.found) == before:
        check(schema, file, row, folder.flaws)
    if len(folder.flaws.found) > before:
        return None
    return expanded({**schema, "$id": f"urn:volcv-mock:{kind}s:{row.key}", **PAPERS})


class _Walk:
    """Checks one file against the dialect, and copies it without provenance and without references to files."""

    def __init__(self, folder: Folder, file: str) -> None:
        self.folder, self.file, self.flaws = folder, file, folder.flaws

    def schema(self, node: Any, at: str, depth: int) -> dict[str, Any]:
        if not isinstance(node, Mapping):
            self.flaws.add(self.file, at, shown(node), "a schema, as an object")
            return {}
        if depth > DEEPEST:
            self.flaws.add(self.file, at, "nested too deeply", f"at most {DEEPEST} levels")
            return {}
        self.flaws.unknown_members(node, KEYWORDS, self.file, at)
        for keyword, (is_sound, wanted) in VALUES.items():
            if keyword in node and not is_sound(node[keyword]):
                near = hint(node[keyword], TYPES) if keyword == "type" else ""
                self.flaws.add(self.file, f"{at}/{keyword}", f"{shown(node[keyword])}{near}", wanted)
        made = {key: self._part(key, value, at, depth) for key, value in node.items() if key not in DROPPED}
        return self._without_file(made, at, depth)

    def _part(self, key: str, value: Any, at: str, depth: int) -> Any:
        if key in ("properties", "$defs") and isinstance(value, Mapping):
            return {name: self.schema(part, f"{at}/{key}/{escaped(name)}", depth + 1) for name, part in value.items()}
        if key == "oneOf" and isinstance(value, list):
            return [self.schema(part, f"{at}/oneOf/{index}", depth + 1) for index, part in enumerate(value)]
        return self.schema(value, f"{at}/items", depth + 1) if key == "items" else value

    def _without_file(self, node: dict[str, Any], at: str, depth: int) -> dict[str, Any]:
        """The node, with a `$ref` to a file replaced by what it names."""
        ref = node.get("$ref")
        if not isinstance(ref, str) or ref.startswith("#"):
            return node
        file, _, pointer = ref.partition("#")
        if file.startswith("urn:"):
            if file.removeprefix(COMMON_URN) not in COMMONS:
                wanted = listed(f"{COMMON_URN}{name}" for name in COMMONS)
                self.flaws.add(self.file, f"{at}/$ref", f"{shown(ref)}{hint(file, wanted.split(', '))}", wanted)
            return node
        target = self.folder.json(file, self.file, f"{at}/$ref")
        if target is None:
            return node
        named = part_of(target, pointer)
        if named is None or _has_local_refs(named):
            found = f"{shown(ref)} names nothing, or something with references of its own"
            self.flaws.add(self.file, f"{at}/$ref", found, "a part that stands alone")
            return node
        below = _Walk(self.folder, file).schema(named, pointer, depth + 1)
        return {**below, **{key: value for key, value in node.items() if key != "$ref"}}


def _has_local_refs(node: Any) -> bool:
    if isinstance(node, Mapping):
        return ("$ref" in node and not str(node["$ref"]).startswith("urn:")) or any(map(_has_local_refs, node.values()))
    return isinstance(node, list) and any(map(_has_local_refs, node))


def _refuse_circles(schema: Mapping[str, Any], file: str, flaws: Flaws) -> None:
    """Each local `$ref` names something, and none leads back to itself."""
    for at, ref in _local_refs(schema, ""):
        target = part_of(schema, ref[1:])
        if target is None:
            flaws.add(
                file,
                f"{at}/$ref",
                f"{shown(ref)} names nothing",
                listed(f"#/$defs/{n}" for n in schema.get("$defs", {})),
            )
        elif _leads_back(schema, ref, ()):
            flaws.add(file, f"{at}/$ref", f"{shown(ref)} leads back to itself", "references without a circle")


def _leads_back(schema: Mapping[str, Any], ref: str, passed: tuple[str, ...]) -> bool:
    if ref in passed:
        return True
    return any(_leads_back(schema, other, (*passed, ref)) for _, other in _local_refs(part_of(schema, ref[1:]), ""))


def _local_refs(node: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
            yield at, node["$ref"]
        for name, part in node.items():
            yield from _local_refs(part, f"{at}/{escaped(name)}")
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from _local_refs(part, f"{at}/{index}")


def part_of(document: Any, pointer: str) -> Any:
    """What a JSON pointer names, None if nothing."""
    node = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or name not in node:
            return None
        node = node[name]
    return node
