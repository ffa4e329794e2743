"""Where each fact comes from, and the list of what is only assumed.

`cite` turns source ids into words for a reader; `assumptions` walks everything in schemas/ that
carries a grade.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from volcv_mock.contract.documents import catalog_rows, common, document

COMMONS = (
    "picture", "mask", "picture_url", "seed", "return_url", "steps", "guidance_scale", "strength", "logo_info",
    "query", "headers", "envelopes",
)  # fmt: skip
TASKS = ("submitted", "waiting", "done", "result_request", "req_json", "cancel_request", "callback", "answers")

ANSWER = "answer-"
"""The beginning of the names of points that are about the answer to one rule."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@cache
def sources() -> Mapping[str, Mapping[str, Any]]:
    """The rows of schemas/sources.json, by id."""
    return {row["id"]: row for row in document("sources.json")["sources"]}


def cite(ids: Iterable[str]) -> str:
    """'S3, Body参数; S1, Body参数': document and section, each once."""
    rows = [sources()[name] for name in ids]
    return "; ".join(dict.fromkeys(f"{row['document']}, {row['section']}" for row in rows))


def divergences() -> tuple[Mapping[str, Any], ...]:
    """Where the documents disagree or are silent, and the reading that is served."""
    return tuple(document("divergences.json")["rows"])


def assumptions(measured: Mapping[str, str] = NOTHING) -> list[dict[str, str]]:
    """Every fact graded `assumed`: what, its value, where it stands, where it comes from. See `graded`."""
    return [row for row in graded(measured) if row["grade"] == "assumed"]


def graded(measured: Mapping[str, str] = NOTHING) -> Iterator[dict[str, str]]:
    """Every graded fact of schemas/, in a fixed order.

    `measured`: points whose alternative was measured, with what was found (readings.measured_of). Their facts have the
    grade `measured`.
    """
    yield from _codes(measured)
    yield from _catalog()
    yield from _resellers()
    for name in COMMONS:
        yield from _keywords(common(name), f"schemas/common/{name}.schema.json", "#")
    for name in TASKS:
        yield from _keywords(document(f"tasks/{name}.schema.json"), f"schemas/tasks/{name}.schema.json", "#")
    for operation in catalog_rows():
        for path in (operation["request"], operation["response"]):
            yield from _keywords(document(path), f"schemas/{path}", "#")
    for row in divergences():
        own = {**row, "grade": "measured"} if row["id"] in measured else row
        value = measured.get(row["id"], row["reading"])
        yield fact(row["discrepancy"], value, f"schemas/divergences.json {row['id']}", own)


def fact(what: str, value: Any, where: str, row: Mapping[str, Any]) -> dict[str, str]:
    """One line of the list of facts; `row` gives the source and the grade."""
    return {
        "what": what,
        "value": str(value),
        "where": where,
        "source": cite(row.get("source", ())),
        "grade": row["grade"],
    }


def _codes(measured: Mapping[str, str]) -> Iterator[dict[str, str]]:
    table = document("codes.json")
    for row in table["rows"]:
        where = f"schemas/codes.json {row['id']}"
        yield fact(f"code row {row['id']}", f"HTTP {row['http_status']}, {row['message']}", where, row)
        is_measured = _is_measured(row, measured)
        for part, grade in row.get("grades", {}).items():
            grade = "measured" if is_measured and grade == "assumed" else grade
            yield fact(f"{part} of code row {row['id']}", row.get(part), where, {**row, "grade": grade})
    reviews = table["reviews"]
    yield fact("codes of a review", ", ".join(reviews["rows"]), "schemas/codes.json reviews", reviews)
    for name, row in table["placements_of_201304"].items():
        yield fact(f"placement {name}", row["placement"], f"schemas/codes.json {name}", row)


def _is_measured(row: Mapping[str, Any], measured: Mapping[str, str]) -> bool:
    """Whether readings measured the answer to every rule of a code row whose answer is an open point."""
    open_rules = {each["rule"] for each in document("codes.json")["open_answers"]["points"]}
    asked = {answer_point(rule) for rule in row.get("rules", ()) if rule in open_rules}
    return bool(asked) and asked <= set(measured)


def answer_point(rule: str) -> str:
    """The name of the point about the answer to a rule."""
    return ANSWER + rule.replace("_", "-")


def _catalog() -> Iterator[dict[str, str]]:
    catalog = document("catalog.json")
    for name, row in catalog["parameters"].items():
        yield fact(row["what"], row["value"], f"schemas/catalog.json {name}", row)
    for action in catalog["actions"]:
        yield fact(f"Action {action['name']}", action["name"], "schemas/catalog.json actions", action)
    for row in catalog["action_patterns"]:
        yield fact(f"Actions like {row['example']}", row["pattern"], "schemas/catalog.json action_patterns", row)
    yield from _papers(catalog["timing_model"], "schemas/catalog.json timing_model", "the timing model")
    for operation in catalog_rows():
        where = f"schemas/catalog.json {operation['req_key']}"
        yield from _papers(operation["timing"], where, f"the timing of {operation['req_key']}")
        length = operation["data_request_id"]
        yield fact(f"length of data.request_id of {operation['req_key']}", length["length"], where, length)


def _resellers() -> Iterator[dict[str, str]]:
    own = document("resellers.json")["own_refusals"]
    yield fact("refusals by the server of a reseller", ", ".join(own["value"]), "schemas/resellers.json", own)
    for row in document("resellers.json")["profiles"]:
        where, error, methods = f"schemas/resellers.json {row['id']}", row["upstream_error"], row["unrouted_methods"]
        yield fact(f"reseller {row['id']}", row["summary"], where, row)
        yield fact(f"methods answered 404 by reseller {row['id']}", ", ".join(methods["value"]), where, methods)
        if error:
            yield fact(f"upstream errors of reseller {row['id']}", f"HTTP {error['http_status']}", where, error)


def _keywords(node: Any, file: str, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _keywords(item, file, f"{pointer}/{index}")
    if not isinstance(node, Mapping):
        return
    yield from _papers(node, f"{file}{pointer}", _title(file, pointer))
    for key, value in node.items():
        if key not in ("x-source", "x-grade", "examples", "default"):
            yield from _keywords(value, file, f"{pointer}/{key}")


def _title(file: str, pointer: str) -> str:
    """'i2i_outpainting top', 'mask', ...: what a reader would call the place."""
    stem = file.rpartition("/")[2].removesuffix(".schema.json")
    last = pointer.rpartition("/")[2]
    return f"{stem} {last}" if last not in ("#", "x-picture", "x-mask") else stem


def _papers(node: Mapping[str, Any], where: str, title: str) -> Iterator[dict[str, str]]:
    for keyword, grade in node.get("x-grade", {}).items():
        row = {"source": node["x-source"][keyword], "grade": grade}
        value = node.get(keyword)
        is_long = isinstance(value, (dict, list)) and len(str(value)) > 120
        yield fact(f"{keyword} of {title}", "…" if is_long else value, where, row)
