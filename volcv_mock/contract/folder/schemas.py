"""The schemas of a user's row: read, held to the dialect of schemas/README.md, and given the grade `user`.

A `$ref` names a part of the same file ("#/$defs/x"), of a file of the folder ("shared.json#/$defs/x"), or a shipped
common schema ("urn:volcv-mock:common:seed"). References to files are replaced by what they name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from volcv_mock.contract.documents import COMMON_URN, common
from volcv_mock.contract.folder.branches import check_request, check_response, with_empty_lists
from volcv_mock.contract.folder.flaws import Flaws, escaped, hint, listed, shown
from volcv_mock.contract.folder.reading import Folder
from volcv_mock.contract.folder.rows import CATALOG, USER, LoadedRow
from volcv_mock.contract.provenance import COMMONS

Check = Callable[[Mapping[str, Any], str, LoadedRow, Flaws], None]
KEYWORDS = (
    "type", "const", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "oneOf", "$ref",
    "$defs", "default", "contentEncoding", "title", "description", "$schema", "$id", "x-source", "x-grade",
    "x-unbounded", "x-gen", "x-items", "x-advice", "x-ignored", "x-prefers", "x-together", "x-area",
    "x-ratio", "x-constant",
)  # fmt: skip
KNOWN = frozenset(KEYWORDS)
NESTED = frozenset({"properties", "$defs", "oneOf", "items"})
"""Keywords that hold schemas."""
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
ROLES = ("picture", "mask")
DEEPEST = 30
PLACE = re.compile(r"#(/(\$defs|properties)/[^/]+|/items)+")
"""Where a schema can stand that a reference names."""
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
    return isinstance(value, dict)


def _is_range(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"minimum", "maximum"} and all(map(_is_number, value.values()))


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
    "x-area": (_is_range, "an object with minimum and maximum"),
    "x-ratio": (lambda value: _are_names(value) and len(value) == 2, "a list of two names"),
    "x-ignored": (_is_text, "text"),
}  # fmt: skip


def request_of(folder: Folder, row: LoadedRow) -> dict[str, Any] | None:
    """The request schema of a row, or None and flaws."""
    found = _sound(folder, row, row.request, "request", check_request)
    return with_empty_lists(found) if found else None


def response_of(folder: Folder, row: LoadedRow) -> dict[str, Any] | None:
    """The response schema of a row, or None and flaws."""
    return _sound(folder, row, row.response, "response", check_response)


def _sound(folder: Folder, row: LoadedRow, file: str, kind: str, check: Check) -> dict[str, Any] | None:
    raw = folder.json(file, CATALOG, f"{row.at}/{kind}")
    if raw is None:
        return None
    before = len(folder.flaws.found)
    walk = _Walk(folder, file)
    schema = walk.schema(raw, "", 0)
    if len(folder.flaws.found) == before:
        _refuse_circles(schema, walk.places, file, folder.flaws)
    if len(folder.flaws.found) == before:
        check(schema, file, row, folder.flaws)
    if len(folder.flaws.found) > before:
        return None
    return {**schema, "$id": f"urn:volcv-mock:{kind}s:{row.key}", **PAPERS}


class _Walk:
    """Checks one file against the dialect, and copies it without provenance and without references to files."""

    def __init__(self, folder: Folder, file: str) -> None:
        self.folder, self.file, self.flaws = folder, file, folder.flaws
        self.places: dict[str, list[str]] = {}
        """Each reference into the same file, with the places where it stands."""

    def schema(self, node: Any, at: str, depth: int) -> dict[str, Any]:
        if not isinstance(node, dict):
            self.flaws.add(self.file, at, shown(node), "a schema, as an object")
            return {}
        if depth > DEEPEST:
            self.flaws.add(self.file, at, "nested too deeply", f"at most {DEEPEST} levels")
            return {}
        if not node.keys() <= KNOWN:
            self.flaws.unknown_members(node, KEYWORDS, self.file, at)
        for keyword in node.keys() & VALUES.keys():
            is_sound, wanted = VALUES[keyword]
            if not is_sound(node[keyword]):
                near = hint(node[keyword], TYPES) if keyword == "type" else ""
                self.flaws.add(self.file, f"{at}/{keyword}", f"{shown(node[keyword])}{near}", wanted)
        made = {key: self._part(key, value, at, depth) if key in NESTED else value
                for key, value in node.items() if key not in DROPPED}  # fmt: skip
        return self._without_file(made, at, depth) if "$ref" in made else made

    def _part(self, key: str, value: Any, at: str, depth: int) -> Any:
        if key in ("properties", "$defs") and isinstance(value, dict):
            return {name: self.schema(part, f"{at}/{key}/{escaped(name)}", depth + 1) for name, part in value.items()}
        if key == "oneOf" and isinstance(value, list):
            return [self.schema(part, f"{at}/oneOf/{index}", depth + 1) for index, part in enumerate(value)]
        return self.schema(value, f"{at}/items", depth + 1) if key == "items" else value

    def _without_file(self, node: dict[str, Any], at: str, depth: int) -> dict[str, Any]:
        """The node, with a `$ref` to a file replaced by what it names."""
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node
        if ref.startswith("#"):
            self.places.setdefault(ref, []).append(at)
            return node
        file, _, pointer = ref.partition("#")
        if file.startswith("urn:"):
            self._check_common(ref, at)
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

    def _check_common(self, ref: str, at: str) -> None:
        """A reference to a shipped common schema, or to a part of one."""
        urn, _, pointer = ref.partition("#")
        name = urn.removeprefix(COMMON_URN)
        if name not in COMMONS:
            wanted = listed(f"{COMMON_URN}{each}" for each in COMMONS)
            self.flaws.add(self.file, f"{at}/$ref", f"{shown(ref)}{hint(urn, wanted.split(', '))}", wanted)
        elif not isinstance(part_of(common(name), pointer), dict):
            parts = [f"{urn}#/$defs/{each}" for each in common(name).get("$defs", {})]
            self.flaws.add(
                self.file, f"{at}/$ref", f"{shown(ref)} names nothing{hint(ref, parts)}", listed(parts or [urn])
            )


def _has_local_refs(node: Any) -> bool:
    if isinstance(node, Mapping):
        return ("$ref" in node and not str(node["$ref"]).startswith("urn:")) or any(map(_has_local_refs, node.values()))
    return isinstance(node, list) and any(map(_has_local_refs, node))


def _refuse_circles(schema: Mapping[str, Any], places: Mapping[str, list[str]], file: str, flaws: Flaws) -> None:
    """Each local `$ref` names a schema, and none leads back to itself. `places`: reference -> where it stands."""
    named = {ref for ref in places if PLACE.fullmatch(ref) and isinstance(part_of(schema, ref[1:]), dict)}
    for ref in places.keys() - named:
        known = listed(f"#/$defs/{name}" for name in schema.get("$defs", {}))
        flaws.add(file, f"{places[ref][0]}/$ref", f"{shown(ref)} names nothing", known)
    if len(named) < len(places) or _is_in_layers(places):
        return
    follows: dict[str, set[str]] = {}
    for ref in sorted(named):
        if ref in _reached(ref, schema, follows):
            flaws.add(
                file, f"{places[ref][0]}/$ref", f"{shown(ref)} leads back to itself", "references without a circle"
            )


def _is_in_layers(places: Mapping[str, list[str]]) -> bool:
    """Whether no part of $defs refers to itself, directly or by others: the usual case, found without a second walk."""
    refers: dict[str, set[str]] = {}
    for ref, ats in places.items():
        for at in ats:
            refers.setdefault(_part_name(at), set()).add(_part_name(ref[1:]))
    while refers:
        ends = {name for name, others in refers.items() if not others & refers.keys()}
        if not ends:
            return False
        refers = {name: others for name, others in refers.items() if name not in ends}
    return True


def _part_name(pointer: str) -> str:
    """The name in $defs that a pointer begins with, "" for one that stands elsewhere."""
    _, *steps = pointer.split("/", 3)
    return steps[1] if steps[:1] == ["$defs"] and len(steps) > 1 else ""


def _reached(ref: str, schema: Mapping[str, Any], follows: dict[str, set[str]]) -> set[str]:
    """Every reference that is followed from this one on. `follows` keeps what stands in each target."""
    reached: set[str] = set()
    ahead = [ref]
    while ahead:
        each = ahead.pop()
        if each not in follows:
            follows[each] = {other for _, other in _local_refs(part_of(schema, each[1:]), "")}
        ahead += follows[each] - reached
        reached |= follows[each]
    return reached


def _local_refs(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """Each reference into the same file, with its place."""
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
        yield at, node["$ref"]
    for key in ("properties", "$defs"):
        for name, part in node.get(key, {}).items():
            yield from _local_refs(part, f"{at}/{key}/{escaped(name)}")
    for index, part in enumerate(node.get("oneOf", ())):
        yield from _local_refs(part, f"{at}/oneOf/{index}")
    if "items" in node:
        yield from _local_refs(node["items"], f"{at}/items")


def part_of(document: Any, pointer: str) -> Any:
    """What a JSON pointer names, None if nothing."""
    node = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    return node
