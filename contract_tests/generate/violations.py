"""One violation at a time: each keyword of a schema violated alone, by its name and place.

Every violation is validated again: it must fail exactly that keyword at exactly that place,
and no other input mode may accept the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from .. import contract, validation
from ..model import PICTURE_FIELDS, Request
from ..pictures import Photo, Raw
from .requests import items, transport, valid_requests
from .walker import Schema

Path = tuple[str | int, ...]
KEYWORDS = ("type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
            "maxLength", "minItems", "maxItems", "required")  # fmt: skip
OF_TYPE: Mapping[str, tuple[Any, ...]] = {
    "string": ("text", "7"), "integer": (1.5,), "number": (), "boolean": (True, False), "object": ({},), "array": ([],),
    "null": (None,),
}  # fmt: skip
MORE_PICTURES = 3
"""More than any input mode of outpainting takes: two pictures are its canvas."""
FITS = {"integer": ("integer",), "number": ("integer", "number")}


@dataclass(frozen=True)
class Site:
    """A keyword at a place. For `required`, the last part of the path is the member to leave out."""

    keyword: str
    path: Path

    def __str__(self) -> str:
        return f"{self.keyword} at {'.'.join(map(str, self.path)) or 'the top'}"


@dataclass(frozen=True)
class Violation:
    """A request with one violation, and the rule that must answer it."""

    request: Request
    site: Site
    rule: str

    @property
    def is_list_itself(self) -> bool:
        """A list of pictures that is no list: which of two true reasons is named is left open."""
        return self.site.keyword == "type" and len(self.site.path) == 1 and self.site.path[0] in PICTURE_FIELDS.values()

    def __repr__(self) -> str:
        return f"Violation({self.site}: {self.request!r})"


@cache
def violation_sites(req_key: str, mode: str) -> tuple[Site, ...]:
    """Every keyword of a branch that a document can violate alone."""
    schema = contract.request_schema(req_key, mode)
    sites = (site for site in _sites(schema, ()) if not _is_unread(req_key, mode, site))
    return tuple(site for site in sites if not _opens_another_mode(req_key, mode, site))


def _is_unread(req_key: str, mode: str, site: Site) -> bool:
    """Whether a site is in a list of pictures that this mode does not read."""
    read = PICTURE_FIELDS[transport(mode)] if items(req_key, mode) else ""
    return any(name in site.path for name in PICTURE_FIELDS.values() if name != read)


def _sites(schema: Schema, path: Path) -> Iterator[Site]:
    for keyword in KEYWORDS:
        if keyword in schema and not _shadowed(keyword, schema) and (path or keyword == "required"):
            yield from _own_sites(keyword, schema, path)
    for name, member in schema.get("properties", {}).items():
        yield from _sites(member, (*path, name))
    if "items" in schema:
        yield from _sites(schema["items"], (*path, 0))


def _own_sites(keyword: str, schema: Schema, path: Path) -> Iterator[Site]:
    if keyword != "required":
        yield Site(keyword, path)
        return
    for name in schema["required"]:
        yield Site("required", (*path, name))


def _shadowed(keyword: str, schema: Schema) -> bool:
    """Where const or enum stand, a value of another type breaks both: type alone cannot be violated.

    A length or a number of items of zero cannot be undercut.
    """
    if keyword == "type":
        return "const" in schema or "enum" in schema
    return keyword in ("minLength", "minItems") and schema[keyword] == 0


def _opens_another_mode(req_key: str, mode: str, site: Site) -> bool:
    """One picture more or less may be another input mode; an empty list is an absent one."""
    modes = contract.served()[req_key]["modes"]
    if site.keyword == "required" and site.path[-1] in PICTURE_FIELDS.values():
        return "text" in modes
    if site.keyword == "minItems":
        return contract.request_schema(req_key, mode)["properties"][str(site.path[0])]["minItems"] < 2 or any(
            other != mode and transport(other) == transport(mode) for other in modes
        )
    others = [other for other in modes if transport(other) == transport(mode)]
    counts = {contract.request_schema(req_key, other)["properties"][PICTURE_FIELDS[transport(mode)]].get("maxItems")
              for other in others}  # fmt: skip
    return site.keyword == "maxItems" and contract.request_schema(req_key, mode)["properties"][str(site.path[0])][
        "maxItems"] + 1 in counts  # fmt: skip


@cache
def one_violation(req_key: str, mode: str) -> st.SearchStrategy[Violation]:
    """A valid request with one keyword violated."""
    sites = st.sampled_from(violation_sites(req_key, mode))
    return sites.flatmap(lambda site: violations_at(req_key, mode, site))


@cache
def violations_at(req_key: str, mode: str, site: Site) -> st.SearchStrategy[Violation]:
    """Valid requests with one given keyword violated."""
    schema = _schema_at(contract.request_schema(req_key, mode), site)
    bad = st.sampled_from(bad_values(site.keyword, schema))
    return st.builds(lambda sound, value: violated(sound, site, value), valid_requests(req_key, mode), bad)


def simplest_violation(sound: Request, mode: str, site: Site) -> Violation:
    """The same violation every time: what a planned case sends."""
    schema = _schema_at(contract.request_schema(sound.req_key, mode), site)
    return violated(sound, site, bad_values(site.keyword, schema)[0])


def _schema_at(schema: Schema, site: Site) -> Schema:
    for part in site.path[: -1 if site.keyword == "required" else None]:
        schema = schema["items"] if isinstance(part, int) else schema["properties"][part]
    return schema


def bad_values(keyword: str, schema: Schema) -> list[Any]:
    """Values that violate one keyword and no other."""
    bound = schema[keyword]
    if keyword == "type":
        return _of_other_types(bound)
    if keyword == "const":
        return [f"{bound}x", "i2i_inpaint", "nothing"]
    if keyword == "enum":
        return _outside_enum(schema)
    if keyword in ("minLength", "maxLength"):
        return ["" if keyword == "minLength" else "x" * (bound + 1)]
    if keyword == "maxItems":
        return [max(bound + 1, MORE_PICTURES)]
    return _beyond(keyword, schema) if "imum" in keyword else [None]


def _of_other_types(wanted: str) -> list[Any]:
    """`true` is not 1, "7" is not 7, null is not absent; but 7 is a number."""
    kinds = (kind for kind in OF_TYPE if kind not in FITS.get(wanted, (wanted,)))
    return [value for kind in kinds for value in OF_TYPE[kind] if not (wanted == "number" and value == 1.5)]


def _outside_enum(schema: Schema) -> list[Any]:
    if schema["type"] == "string":
        return ["X", "h", "", "HH"]
    return [max(schema["enum"]) + 1, min(schema["enum"]) - 1, 99]


def _beyond(keyword: str, schema: Schema) -> list[Any]:
    bound, is_low = schema[keyword], "inimum" in keyword
    steps = [1, 2, 1000] if schema["type"] == "integer" else [0.001, 0.5, 100]
    ends = [bound] if keyword.startswith("exclusive") else []
    return [*ends, *(bound - step if is_low else bound + step for step in steps)]


def violated(sound: Request, site: Site, value: Any) -> Violation:
    """The request with one value that breaks the keyword at `site`."""
    rule = f"schema_{site.keyword}"
    if site.path[0] == "req_key":
        rule = "req_key_missing" if site.keyword == "required" else "req_key_unknown"
        broken = replace(sound, req_key="" if site.keyword == "required" else value)
    elif site.path[0] in PICTURE_FIELDS.values():
        rule = "picture_missing" if site.keyword == "required" else rule
        broken = _violated_pictures(sound, site, value)
    else:
        broken = replace(sound, fields=_set(sound.fields, site, value))
    return Violation(replace(broken, violation=str(site)), site, rule)


def _violated_pictures(sound: Request, site: Site, value: Any) -> Request:
    if site.keyword == "required":
        return replace(sound.without(*PICTURE_FIELDS.values()), pictures=())
    if site.keyword == "minItems":
        return replace(sound, pictures=sound.pictures[:-1])
    if site.keyword == "maxItems":
        return replace(sound, pictures=(*sound.pictures, *[Photo(96, 96)] * (value - len(sound.pictures))))
    if len(site.path) > 1:
        return replace(sound, pictures=(Raw("no text", value), *sound.pictures[1:]))
    return replace(sound.but(**{PICTURE_FIELDS[sound.pictures_in]: value}), pictures=())


def _set(fields: Mapping[str, Any], site: Site, value: Any) -> dict[str, Any]:
    head, *rest = site.path
    if rest:
        inner = fields.get(str(head))
        below = Site(site.keyword, tuple(rest))
        return {**fields, str(head): _set(inner if isinstance(inner, dict) else {}, below, value)}
    if site.keyword == "required":
        return {name: kept for name, kept in fields.items() if name != head}
    return {**fields, str(head): value}


def fails_only_there(violation: Violation, req_key: str, mode: str) -> bool:
    """Whether the validator sees this violation, here, and nothing else."""
    place = violation.site.path[:-1] if violation.site.keyword == "required" else violation.site.path
    return validation.breaches(req_key, mode, violation.request.skeleton()) == [(violation.site.keyword, place)]


def accepted_elsewhere(violation: Violation, req_key: str) -> bool:
    """Whether any input mode of the operation accepts the violating document."""
    document = violation.request.skeleton()
    return any(not validation.breaches(req_key, mode, document) for mode in contract.served()[req_key]["modes"])
