"""The planned cases: `cases.json` as Case objects, beside the relations.

A case of the file is data: an id, an operation, fields, pictures as descriptions, and what is expected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from .. import contract
from ..cases import Ask, Case, expect_row
from ..model import SUCCESS, Expect, Request
from ..pictures import Mask, Photo, Raw, Rect
from ..pictures.describe import Picture
from ..places import own
from ..relations import RELATIONS
from .derived import class_cases, violation_cases

HTTP_CHANGES = ("query", "headers", "is_authorized", "body", "method")


@cache
def planned_cases() -> tuple[Case, ...]:
    """Every case that may be planned, the relations included, by id."""
    rows = json.loads(own("live", "cases.json").read_text(encoding="utf-8"))["cases"]
    cases = (*(_case(row) for row in rows), *class_cases(), *violation_cases(), *RELATIONS)
    assert len({case.id for case in cases}) == len(cases), "two cases share an id"
    return cases


def live_cases(capabilities: frozenset[str]) -> tuple[Case, ...]:
    """Those that may go where calls cost money, to a target with these capabilities."""
    return tuple(case for case in planned_cases() if case.is_live and case.needs <= capabilities)


def _case(row: Mapping[str, Any]) -> Case:
    ask = Ask(_request(row), _expect(row["expects"]), changes=_changes(row.get("http", {})))
    return Case(row["id"], row["sentence"], ", ".join(row["sources"]), lambda variant: {"request": ask},
                covers=tuple(row.get("obligations", ())))  # fmt: skip


def _request(row: Mapping[str, Any]) -> Request:
    pictures = tuple(_picture(one) for one in row.get("pictures", ()))
    return Request(
        row.get("req_key", ""), row.get("fields", {}), pictures, row.get("pictures_in", "base64"), row.get("wound", "")
    )


def _picture(described: Mapping[str, Any]) -> Picture:
    ((kind, how),) = described.items()
    if kind == "raw":
        return Raw(how["name"], how["value"])
    if kind == "photo":
        return Photo(**how)
    marked = how.get("marked", [32, 32, 32, 32])
    return Mask(**{**how, "marked": Rect(*marked) if marked else None})


def _expect(row: Mapping[str, Any]) -> Expect:
    if row.get("success"):
        return SUCCESS
    if "rule" in row:
        return expect_row(row["rule"])
    return Expect(
        success=False, row=row.get("row", ""), grade=contract.rows()[row["row"]].grade if "row" in row else "stated"
    )


def _changes(http: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    changes = {name: http[name] for name in HTTP_CHANGES if name in http}
    if "query" in changes:
        changes["query"] = tuple(tuple(pair) for pair in changes["query"])
    if "headers" in changes:
        changes["headers"] = tuple(changes["headers"].items())
    if "body" in changes:
        changes["body"] = changes["body"].encode()
    return tuple(changes.items())
