"""The contract as the suite reads it: straight from `schemas/`, with no help from the mock.

Figures, codes and operations are looked up here and never typed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .paths import read_json, shelf
from .provenance import KINDS, with_provenance

GHOST_FACE = 201304
OWN_GRADES = ("inferred", "assumed")
"""Grades of what no document says and nobody has seen: no target but the mock is held to it."""


@dataclass(frozen=True)
class Row:
    """One row of codes.json: what one refusal, or success, looks like."""

    id: str
    code: int | None
    http_status: int
    message: str
    envelope: str
    grade: str
    source: tuple[str, ...]
    phase: str
    rules: tuple[str, ...] = ()
    name: str = ""
    status_grade: str = "stated"


@cache
def read(relative: str) -> Any:
    """A JSON file of schemas/, by its path there; of a schema, the provenance is written out."""
    loaded = read_json("schemas", relative)
    return with_provenance(loaded) if relative.endswith(".schema.json") else loaded


@cache
def operations() -> Mapping[str, Mapping[str, Any]]:
    """The rows of the catalog by req_key, of the operations that a document describes.

    The plan of a paid target asks for these only: it may not serve the newer req_keys, and most of what is known of
    them is inferred from client code.
    """
    return {req_key: row for req_key, row in served().items() if _has_file(row)}


@cache
def served() -> Mapping[str, Mapping[str, Any]]:
    """The rows of the catalog by req_key: what the mock serves."""
    return {row["req_key"]: row for row in read("catalog.json")["operations"]}


def newer() -> tuple[str, ...]:
    """The req_keys that none of the pages S0 to S4 describes."""
    return tuple(req_key for req_key in served() if req_key not in operations())


def output_of(req_key: str) -> Mapping[str, Any]:
    """What the catalog says of the pictures of a success: their format and the greatest number of them."""
    usual = {"format": figure("output_format"), "most": 1}
    return {**usual, **served().get(req_key, {}).get("output", {})}


def _has_file(row: Mapping[str, Any]) -> bool:
    """Whether its page is one of S0 to S4."""
    document = read("sources.json")["documents"].get(row["page"], {})
    return document.get("file") is not None


def figure(name: str) -> Any:
    """A figure of the catalog, such as the lifetime of a link in seconds."""
    return read("catalog.json")["parameters"][name]["value"]


@cache
def step_of(action: str) -> str:
    """What an Action asks for: "sync", "submit", "result" or "cancel"; "sync" for an unknown one."""
    catalog = read("catalog.json")
    named = {row["name"]: row["step"] for row in catalog["actions"]}
    patterns = [row for row in catalog["action_patterns"] if re.fullmatch(row["pattern"], action)]
    return str(named.get(action) or next((row["step"] for row in patterns), "sync"))


@cache
def task_schema(name: str) -> Mapping[str, Any]:
    """A schema of schemas/tasks, such as "done", without references."""
    document = read(f"tasks/{name}.schema.json")
    schema: Mapping[str, Any] = expand(document, document["$id"])
    return schema


def legacy_actions() -> Mapping[str, str]:
    """req_key -> the Action of its own that S0 documents."""
    return {key: row["legacy_action"] for key, row in operations().items() if row.get("legacy_action")}


def format_of(req_key: str, documented: str) -> tuple[str, str]:
    """The format of an operation's pictures, and how sure it is: `documented` for those of S0 to S4."""
    found: str = output_of(req_key)["format"]
    if req_key in operations() or req_key not in served():
        return found, documented
    return found, output_of(req_key).get("x-grade", {}).get("format", "assumed")


@cache
def rows() -> Mapping[str, Row]:
    """The code table by row id."""
    return {row["id"]: _row(row) for row in read("codes.json")["rows"]}


def _row(row: Mapping[str, Any]) -> Row:
    return Row(row["id"], row["code"], row["http_status"], row["message"], row["envelope"], row["grade"],
               tuple(row["source"]), row["phase"], tuple(row.get("rules", ())), row.get("name", ""),
               row.get("grades", {}).get("http_status", row["grade"]))  # fmt: skip


@cache
def wrapped_codes() -> frozenset[str]:
    """The `code` of a reseller that wraps the vendor's errors (resellers.json)."""
    errors = [profile["upstream_error"] for profile in read("resellers.json")["profiles"]]
    return frozenset(error["body"]["code"] for error in errors if error)


def rows_for_code(code: object) -> tuple[Row, ...]:
    """The rows of the code table with this number; several where documents give several messages."""
    return tuple(row for row in rows().values() if row.code == code and not isinstance(code, bool))


@cache
def risk_codes() -> frozenset[int | None]:
    """The codes with which the documents let a review refuse a picture or a text."""
    return frozenset(rows()[id].code for id in read("codes.json")["reviews"]["rows"])


def is_billed(code: object) -> bool:
    """Whether a refusal with this code comes after inference, which is then paid for."""
    return any(row.phase == "after" for row in rows_for_code(code))


def row_for_rule(rule: str) -> Row:
    """The row that answers a rule: the one that lists it, else that of its family."""
    for row in rows().values():
        if rule in row.rules:
            return row
    families = read("codes.json")["families"]
    return rows()[next(row for prefix, row in families.items() if rule.startswith(prefix))]


@cache
def sources() -> Mapping[str, Mapping[str, Any]]:
    """The sentences relied on, by id: document, section, a few quoted words, a paraphrase."""
    return {source["id"]: source for source in read("sources.json")["sources"]}


def quote(source_ids: str) -> str:
    """The documents' own words for a comma-separated list of source ids, for a report."""
    known = [sources()[one.strip()] for one in source_ids.split(",") if one.strip() in sources()]
    return "; ".join(f"{row['document']}: {row.get('quote') or row['paraphrase']}" for row in known)


@cache
def picture_demands() -> Mapping[str, Any]:
    """What the documents demand of an input picture."""
    return _find_extension("x-picture")


@cache
def mask_demands() -> Mapping[str, Any]:
    """What the documents demand of a mask."""
    return _find_extension("x-mask")


def _find_extension(name: str) -> Mapping[str, Any]:
    for document in _files().values():
        if name in document:
            found: Mapping[str, Any] = document[name]
            return found
    raise LookupError(f"no schema carries {name}")


@cache
def _files() -> Mapping[str, Any]:
    """Every schema file by its `$id`."""
    paths = sorted(shelf("schemas").rglob("*.schema.json"))
    loaded = [read(path.relative_to(shelf("schemas")).as_posix()) for path in paths]
    return {document["$id"]: document for document in loaded}


def _follow(reference: str, base: str) -> tuple[Any, str]:
    """The schema a `$ref` leads to, and the `$id` that its own references start from."""
    target, _, pointer = reference.partition("#")
    document = node = _files()[target or base]
    for part in pointer.strip("/").split("/") if pointer else ():
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node, document["$id"]


def expand(node: Any, base: str) -> Any:
    """The schema with every `$ref` replaced by what it leads to; neighbours of a `$ref` win."""
    if isinstance(node, list):
        return [expand(item, base) for item in node]
    if not isinstance(node, dict):
        return node
    own = {key: value if key.startswith("x-") else expand(value, base) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return own
    target, target_base = _follow(node["$ref"], base)
    followed = expand(target, target_base)
    provenance = {kind: {**followed.get(kind, {}), **own.get(kind, {})} for kind in KINDS if kind in followed}
    return {**followed, **own, **provenance}


@cache
def request_schema(req_key: str, mode: str) -> Mapping[str, Any]:
    """The closed branch of one input mode, without references."""
    document = read(served()[req_key]["request"])
    for node in document["oneOf"]:
        if node["$ref"].endswith(f"/{mode}"):
            branch: Mapping[str, Any] = expand(node, document["$id"])
            return branch
    raise LookupError(f"{req_key} has no branch {mode}")


@cache
def response_schema(req_key: str) -> Mapping[str, Any]:
    """The schema of an operation's responses, its references resolved."""
    document = read(served()[req_key]["response"])
    schema: Mapping[str, Any] = expand(document, document["$id"])
    return schema


def data_members(req_key: str) -> frozenset[str]:
    """The members of `data` that the response schema of an operation names."""
    return frozenset(response_schema(req_key)["properties"]["data"]["properties"])


def branches() -> Iterator[tuple[str, str]]:
    """Every (req_key, mode) of the operations that a document describes."""
    for req_key, row in operations().items():
        for mode in row["modes"]:
            yield req_key, mode


def newer_branches() -> Iterator[tuple[str, str]]:
    """Every (req_key, mode) of the newer req_keys."""
    for req_key in newer():
        for mode in served()[req_key]["modes"]:
            yield req_key, mode
