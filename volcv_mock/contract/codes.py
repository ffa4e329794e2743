"""The code table of schemas/codes.json: rows by id, by number and by the rule they answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from volcv_mock.contract.documents import document
from volcv_mock.contract.provenance import cite
from volcv_mock.model import CodeRow

_SUCCESS = "10000"


@cache
def codes() -> tuple[CodeRow, ...]:
    """Every row, in the order of the file."""
    return tuple(_row(raw) for raw in document("codes.json")["rows"])


def _row(raw: Mapping[str, Any]) -> CodeRow:
    plain = {key: value for key, value in raw.items() if key not in ("source", "rules", "grades")}
    return CodeRow(**plain, source=cite(raw["source"]), rules=tuple(raw.get("rules", ())))


@cache
def _by_id() -> Mapping[str, CodeRow]:
    numbers = {str(row.code): row for row in reversed(codes()) if row.code is not None}
    return {**numbers, **{row.id: row for row in codes()}}


@cache
def _by_rule() -> Mapping[str, CodeRow]:
    return {rule: row for row in codes() for rule in row.rules}


def success() -> CodeRow:
    """The row of a success: the one place in Python that knows its number."""
    return row(_SUCCESS)


def knows(id_or_code: str | int) -> bool:
    """Whether the table has a row with this id or code."""
    return str(id_or_code) in _by_id()


def row(id_or_code: str | int) -> CodeRow:
    """A row by its id ("50411", "SignatureDoesNotMatch", "bad_json") or its number on the wire."""
    return _by_id()[str(id_or_code)]


@cache
def row_for_rule(rule: str) -> CodeRow:
    """The row that answers a rule; a rule without its own row goes to the row of its family."""
    if rule in _by_rule():
        return _by_rule()[rule]
    families: Mapping[str, str] = document("codes.json")["families"]
    family = next((prefix for prefix in families if rule.startswith(prefix)), None)
    if family is None:
        raise KeyError(f"no row of schemas/codes.json answers the rule {rule!r}; add it to a row's rules")
    return row(families[family])


def message_of(row: CodeRow, *values: object) -> str:
    """The row's message with its %s filled in turn; too few values leave nothing of the template."""
    pieces = row.message.split("%s")
    words = [*map(str, values), *[""] * len(pieces)]
    return "".join(piece + word for piece, word in zip(pieces, [*words[: len(pieces) - 1], ""], strict=True))


def placement(name: str) -> Mapping[str, Any]:
    """How 201304 is laid into an answer: "ghost_face" or "ghost_face_top_level" (S3: no place is given)."""
    found: Mapping[str, Any] = document("codes.json")["placements_of_201304"][name]
    return found
