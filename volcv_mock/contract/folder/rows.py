"""A row of a user's catalog.json: its members, their kinds, and what a member that is left out means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.folder.flaws import Flaws, shown
from volcv_mock.contract.folder.reading import format_of

PAINTERS: Mapping[str, tuple[str, ...]] = {
    "removal": ("picture", "mask"), "edit": ("picture", "mask"), "recolour": ("picture",), "outpainting": ("picture",),
    "generate": (), "segment": ("picture",), "echo": ("picture",),
}  # fmt: skip
"""Painter -> what its picture lists must begin with."""
CATALOG = "catalog.json"
FILE = "file:"
MODES = ("base64", "urls", "text", "base64_ratios", "base64_canvas", "urls_ratios", "urls_canvas")
CALLS = ("both", "sync", "async")
FORMATS = ("JPEG", "PNG")
USUAL_BASE_S = 3.0
USER = "user"
"""The grade of what a user's folder says, and the id of its source."""
REQ_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)
Test = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_format(value: Any) -> bool:
    return value in FORMATS


MEMBERS: Mapping[str, tuple[Test, str]] = {
    "req_key": (lambda value: _is_text(value) and bool(REQ_KEY.fullmatch(value)), "letters, digits and _ . : -"),
    "painter": (_is_text, f"{', '.join(PAINTERS)} or {FILE} PATH"),
    "title": (_is_text, "text"),
    "page": (_is_text, "text"),
    "prompt_field": (lambda value: value is None or _is_text(value), "text or null"),
    "removal_prompt": (_is_text, "text"),
    "request": (_is_text, "a path inside the folder"),
    "response": (_is_text, "a path inside the folder"),
    "calls": (lambda value: value in CALLS, ", ".join(CALLS)),
    "pictures": (lambda value: isinstance(value, dict), "an object"),
    "output": (lambda value: isinstance(value, dict), "an object"),
    "timing": (lambda value: isinstance(value, dict), "an object"),
    "data": (lambda value: isinstance(value, dict), "an object of members and templates"),
}
PICTURES: Mapping[str, tuple[Test, str]] = {
    "formats": (lambda value: isinstance(value, list) and bool(value) and all(map(_is_format, value)), "JPEG, PNG"),
    "max_bytes": (_is_whole, "a whole number above 0"),
    "min_side": (_is_whole, "a whole number above 0"),
    "max_side": (lambda value: _is_whole(value) and value <= 4096, "a whole number from 1 to 4096"),
    "max_ratio": (lambda value: _is_number(value) and value >= 1, "a number from 1"),
}
OUTPUT: Mapping[str, tuple[Test, str]] = {
    "format": (_is_format, ", ".join(FORMATS)),
    "most": (lambda value: _is_whole(value) and value <= 101, "a whole number from 1 to 101"),
    "shares_inputs": (lambda value: isinstance(value, bool), "true or false"),
    "multiple": (_is_whole, "a whole number above 0"),
    "min_side": (_is_whole, "a whole number above 0"),
    "max_side": (lambda value: _is_whole(value) and value <= 16384, "a whole number from 1 to 16384"),
    "max_area": (lambda value: _is_whole(value) and value <= 4096 * 4096, "a whole number up to 16777216"),
}
TIMING: Mapping[str, tuple[Test, str]] = {
    "base_s": (lambda value: _is_number(value) and value <= 120, "seconds, above 0 and at most 120"),
    "steps": (_is_whole, "a whole number above 0"),
}
TABLES = {"pictures": PICTURES, "output": OUTPUT, "timing": TIMING}
NEEDED = ("req_key", "painter")


@frozen
class LoadedRow:
    """A row in the form of the shipped catalog, with the names of its files and what was read from them."""

    row: dict[str, Any]
    request: str
    response: str
    file: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    documents: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    file_bytes: bytes = b""

    @property
    def key(self) -> str:
        """The req_key."""
        return str(self.row["req_key"])

    @property
    def roles(self) -> tuple[str, ...]:
        """What the picture lists must begin with, as the painter needs it."""
        return PAINTERS.get(self.row.get("painter", ""), ())

    def completed(self, request: Mapping[str, Any] | None) -> LoadedRow:
        """With the input modes of the request schema, and the format of the file that answers."""
        modes = [branch["$ref"].rpartition("/")[2] for branch in (request or {}).get("oneOf", ())]
        format = format_of(self.file_bytes)
        output = {"format": format, **self.row["output"]} if format else self.row["output"]
        return replace(self, row={**self.row, "modes": modes, "output": output})


def checked_row(raw: Any, file: str, at: str, flaws: Flaws) -> LoadedRow:
    """The row with every member that was left out. Mistakes are added to `flaws`."""
    if not isinstance(raw, dict):
        flaws.add(file, at, shown(raw), "an object")
        raw = {}
    _check(raw, MEMBERS, file, at, flaws)
    for name in NEEDED:
        if name not in raw:
            flaws.add(file, f"{at}/{name}", "it is missing", MEMBERS[name][1])
    for name, table in TABLES.items():
        if isinstance(raw.get(name), dict):
            _check(raw[name], table, file, f"{at}/{name}", flaws)
    return _row(raw, _painter(raw, file, at, flaws), at)


def _check(node: Mapping[str, Any], known: Mapping[str, tuple[Test, str]], file: str, at: str, flaws: Flaws) -> None:
    flaws.unknown_members(node, known, file, at)
    for name, (is_sound, wanted) in known.items():
        if name in node and not is_sound(node[name]):
            flaws.add(file, f"{at}/{name}", shown(node[name]), wanted)


def _painter(raw: Mapping[str, Any], file: str, at: str, flaws: Flaws) -> str:
    named = raw.get("painter")
    if not isinstance(named, str) or named.startswith(FILE):
        return str(named or "")
    flaws.not_among(named, [*PAINTERS, f"{FILE} PATH"], file, f"{at}/painter")
    return named


def _row(raw: Mapping[str, Any], painter: str, at: str) -> LoadedRow:
    key = raw["req_key"] if isinstance(raw.get("req_key"), str) else "unnamed"
    request = raw.get("request") or f"requests/{key}.schema.json"
    response = raw.get("response") or f"responses/{key}.schema.json"
    is_file = painter.startswith(FILE)
    tables = {name: raw[name] if isinstance(raw.get(name), dict) else {} for name in ("pictures", "output", "data")}
    timing = raw["timing"] if isinstance(raw.get("timing"), dict) else {}
    row = {
        "req_key": key,
        "painter": "file" if is_file else painter,
        "title": raw.get("title") or key,
        "page": raw.get("page") or USER,
        "prompt_field": raw.get("prompt_field"),
        "legacy_action": None,
        "request": f"requests/{key}.schema.json",
        "response": f"responses/{key}.schema.json",
        "calls": raw.get("calls", "both"),
        "pictures": _with_provenance(tables["pictures"]),
        "output": _with_provenance(tables["output"]),
        "data": tables["data"],
        "data_request_id": {"length": 64, "grade": USER, "source": [USER]},
        "timing": _with_provenance({"base_s": USUAL_BASE_S, **timing}),
    }
    if "removal_prompt" in raw:
        row["removal_prompt"] = {"value": raw["removal_prompt"], "grade": USER, "source": [USER]}
    file = painter.removeprefix(FILE).strip() if is_file else ""
    return LoadedRow(row, str(request), str(response), file, tables["data"], at)


def _with_provenance(figures: Mapping[str, Any]) -> dict[str, Any]:
    sources = {name: [USER] for name in figures}
    return {**figures, "x-source": sources, "x-grade": dict.fromkeys(figures, USER)} if figures else {}
