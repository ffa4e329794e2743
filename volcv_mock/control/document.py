"""The control API's own OpenAPI 3.1 document, made from ROUTES. A test compares every answer with it.

It is apart from /_mock/openapi.json on purpose: that one is the service's, and a client generated from
it must not know a mock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from volcv_mock import __version__
from volcv_mock.control.route import Route
from volcv_mock.journal.entries import NAMES, Entry

PREFIX = "/_mock"
JSON = "application/json"
ABOUT = "What a test may ask of a running volcv-mock, and change. Loopback only, unless the mock has a control token."
REFUSALS = {
    400: "What was sent is wrong; the message says what is permitted.",
    401: "The mock has a control token, and none or another was sent.",
    403: "Control answers this machine only, or no page of another origin; for a picture: a bad or expired link.",
    404: "There is no such thing.",
    410: "The picture had to leave early.",
    413: "The body is too long.",
    415: "The body is not sent as application/json.",
    501: "This build cannot.",
}
_PYTHON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}
_TEXT, _NUMBER, _WHOLE, _TRUTH = ({"type": name} for name in ("string", "number", "integer", "boolean"))


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(PREFIX + re.sub(r"<(\w+)>", r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "volcv-mock control", "version": __version__, "description": ABOUT},
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def schemas() -> dict[str, Any]:
    """By the names that routes use."""
    return {
        "error": _object({"error": _object({"message": _TEXT}, more=True)}),
        "health": _object({"status": _TEXT, "version": _TEXT}),
        "object": {"type": "object"},
        "html": _TEXT,
        "binary": {"type": "string", "contentMediaType": "image/jpeg"},
        "removed": _object({"removed": _WHOLE}),
        "reset": _object({"reset": _list(_TEXT)}),
        "call": _object({**{name: _entry_member(name) for name in NAMES}, "door": _entry_member("endpoint")}),
        "calls": _object({"calls": _list(_reference("call")), "journal": _object(_JOURNAL)}),
        "rules": {"oneOf": [_reference("rule"), _list(_reference("rule"))]},
        "rule": {"type": "object", "description": "code, fault, delay_s or sequence; docs/faults.md has it all."},
        "faults": _object({"faults": _list(_object(_LISTED_RULE, more=True))}),
        "latency": _of_scope(_object({"latency": {"type": "object", "additionalProperties": _TEXT}})),
        "latency_wanted": _object({"latency": {"type": ["string", "object"]}}),
        "clock": _of_scope(_object({"now": _TEXT, "now_s": _NUMBER, "is_frozen": _TRUTH, "offset_s": _NUMBER})),
        "clock_wanted": {"type": "object", "properties": _CLOCK_WANTED, "additionalProperties": False},
        "advance": _object({"seconds": {"type": "number", "minimum": 0}}),
    }


_JOURNAL = {"held_bytes": _WHOLE, "budget_bytes": _WHOLE, "evicted": _WHOLE}
_LEFT = {"type": ["integer", "null"]}
_LISTED_RULE = {"id": _TEXT, "scope": _TEXT, "fired": _WHOLE, "skipped": _WHOLE, "remaining": _LEFT}
_CLOCK_WANTED = {"now": {"type": ["string", "number"]}, "now_s": _NUMBER, "is_frozen": _TRUTH}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _identifier(route),
        "parameters": _parameters(route),
        "responses": {str(route.status): _content(route.summary, route.media_type, route.answer)},
    }
    for status in sorted(_refusals(route)):
        operation["responses"][str(status)] = _content(REFUSALS[status], JSON, "error")
    if route.body:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(route.body)}}}
    if route.access == "guarded":
        operation["security"] = [{}, {"token": []}]
    return operation


def _refusals(route: Route) -> set[int]:
    guards = {"open": (), "page": (401, 403), "guarded": (400, 401, 403)}[route.access]
    of_bodies = () if route.method == "GET" else (413, 415)
    return {*route.refusals, *guards, *of_bodies}


def _parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"<(\w+)>", route.path)
    in_path = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]
    in_query = [
        {"name": name, "in": "query", "description": each, "schema": _TEXT} for name, each in route.query.items()
    ]
    scope = {
        "name": "X-Volcv-Mock-Scope", "in": "header", "schema": _TEXT,
        "description": "The scope that is meant; * means all, none the default one.",
    }  # fmt: skip
    return in_path + in_query + ([scope] if route.access == "guarded" else [])


def _identifier(route: Route) -> str:
    words = re.sub(r"<\w+>", "one", route.path).replace(".", "_").strip("/").replace("/", "_")
    return f"{route.method.lower()}_{words or 'page'}"


def _content(said: str, media_type: str, schema: str) -> dict[str, Any]:
    return {"description": said, "content": {media_type: {"schema": _reference(schema)}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(members: dict[str, Any], *, more: bool = False) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": more}


def _of_scope(one: dict[str, Any]) -> dict[str, Any]:
    """With X-Volcv-Mock-Scope: * one for each scope."""
    return {"oneOf": [one, _object({"scopes": {"type": "object", "additionalProperties": one}})]}


def _entry_member(name: str) -> dict[str, Any]:
    """From the annotation in entries.py, so that the two cannot part."""
    annotation = str(next(each.type for each in fields(Entry) if each.name == name))
    types = [_json_type(part) for part in annotation.split(" | ")]
    return {"type": types[0] if len(types) == 1 else types}


def _json_type(annotation: str) -> str:
    return "array" if annotation.startswith("Sequence") else _PYTHON_TYPES.get(annotation, "object")
