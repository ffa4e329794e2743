"""The planned cases: `cases.json` as Case objects, beside the relations.

A case of the file is data: an id, an operation, fields, pictures as descriptions, and what is expected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from .. import contract, grades
from ..model import SUCCESS, Expect, Request
from ..paths import own
from ..pictures import Mask, Photo, Raw, Rect
from ..pictures.describe import Picture
from ..relations import RELATIONS
from ..targets import Target
from .cases import Ask, Case, expect_row
from .derived import class_cases, newer_cases, violation_cases
from .kinds import DRAWN

READING = "reading-"
"""Begins the name of a measured reading among the results of a night."""
HTTP_CHANGES = ("query", "headers", "is_authorized", "body", "method")


@cache
def planned_cases() -> tuple[Case, ...]:
    """Every case that may be planned, the relations included, by id."""
    rows = json.loads(own("planning", "cases.json").read_text(encoding="utf-8"))["cases"]
    cases = (*(_case(row) for row in rows), *class_cases(), *violation_cases(), *newer_cases(), *RELATIONS)
    assert len({case.id for case in cases}) == len(cases), "two cases share an id"
    return cases


def live_cases(capabilities: frozenset[str]) -> tuple[Case, ...]:
    """Those that may go where calls cost money, to a target with these capabilities."""
    return tuple(case for case in planned_cases() if case.is_live and case.needs <= capabilities)


def runnable(target: Target) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The cases for a target that costs nothing, and the ids of recorded cases that are not planned any more.

    A recording runs what was recorded, whatever the cases needed then; any other target what it can do.
    """
    if not target.cases:
        return tuple(case for case in planned_cases() if case.needs <= target.capabilities), ()
    by_id = {case.id: case for case in planned_cases()}
    others = (READING, DRAWN)
    unknown = tuple(name for name in target.cases if name not in by_id and not name.startswith(others))
    return tuple(by_id[name] for name in target.cases if name in by_id), unknown


def _case(row: Mapping[str, Any]) -> Case:
    expect = replace(_expect(row["expects"]), rule_grade=grades.of_sources(row["sources"]))
    ask = Ask(_request(row), SUCCESS if expect.success else expect, changes=_changes(row.get("http", {})))
    return Case(row["id"], row["sentence"], ", ".join(row["sources"]), lambda variant: {"request": ask},
                covers=tuple(row.get("obligations", ())))  # fmt: skip


def _request(row: Mapping[str, Any]) -> Request:
    pictures = tuple(_picture(one) for one in row.get("pictures", ()))
    pictures_in, violation = row.get("pictures_in", "base64"), row.get("violation", "")
    return Request(row.get("req_key", ""), row.get("fields", {}), pictures, pictures_in, violation)


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
    grade = contract.rows()[row["row"]].grade if "row" in row else "stated"
    return Expect(success=False, row=row.get("row", ""), grade=row.get("grade", grade))


def _changes(http: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    changes = {name: http[name] for name in HTTP_CHANGES if name in http}
    if "query" in changes:
        changes["query"] = tuple(tuple(pair) for pair in changes["query"])
    if "headers" in changes:
        changes["headers"] = tuple(changes["headers"].items())
    if "body" in changes:
        changes["body"] = changes["body"].encode()
    return tuple(changes.items())
