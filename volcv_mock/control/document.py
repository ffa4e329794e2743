"""The control API's own OpenAPI 3.1 document, generated from ROUTES. Tests validate every response against it.

It is separate from /_mock/openapi.json, which describes the service: a client generated from that document must
not contain control endpoints.
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
ABOUT = "Reads and changes the state of a running volcv-mock. Loopback only, unless a control token is configured."
REFUSALS = {
    400: "The request is invalid; the message says what is permitted.",
    401: "A control token is configured, and the request has none or a different one.",
    403: "The client is not on this machine, or is a page of another origin. Pictures: an invalid or expired link.",
    404: "Not found.",
    410: "The picture was evicted before its link expired.",
    413: "The body is too large.",
    415: "The Content-Type of the body is not application/json.",
    501: "Not available in this build.",
    503: "The mock takes no new calls: it is starting or draining.",
}
_PYTHON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}
_TEXT, _NUMBER, _INTEGER, _BOOLEAN = ({"type": name} for name in ("string", "number", "integer", "boolean"))


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
    """The schemas, by the names that routes.py uses."""
    return {
        "error": _object({"error": _object({"message": _TEXT}, more=True)}),
        "health": _object({"status": _TEXT, "version": _TEXT, "state": _TEXT, "warnings": _list(_TEXT)}),
        "ready": _object({"status": _TEXT}),
        "text": _TEXT,
        "object": {"type": "object"},
        "html": _TEXT,
        "binary": {"type": "string", "contentMediaType": "image/jpeg"},
        "removed": _object({"removed": _INTEGER}),
        "reset": _object({"reset": _list(_TEXT)}),
        "call": _object({**{name: _entry_member(name) for name in NAMES}, "door": _entry_member("endpoint")}),
        "calls": _object(
            {
                "calls": _list(_reference("call")),
                "more": _BOOLEAN,
                "journal": _object(_JOURNAL, optional=("began",)),
            }
        ),
        "scopes": _object({"scopes": _list(_object({"name": _TEXT, "calls": _INTEGER, "rules": _INTEGER}))}),
        "about": _object(_ABOUT),
        "readings": _object({"readings": _list({"type": "object"})}),
        "assumptions": _object({"assumptions": _list({"type": "object"})}),
        "rules": {"oneOf": [_reference("rule"), _list(_reference("rule"))]},
        "rule": {"type": "object", "description": "code, fault, delay_s or sequence; see docs/faults.md."},
        "faults": _object({"faults": _list(_object(_LISTED_RULE, more=True))}),
        "callbacks": _object({"callbacks": _list(_object(_CALLBACK))}),
        "tasks": _object({"tasks": _list(_reference("task")), "inputs": _object(_INPUTS)}),
        "task": _object(_TASK),
        "task_end": {
            "type": "object",
            "properties": {"code": {"type": ["integer", "string"]}},
            "additionalProperties": False,
        },
        "showed": _object({"showed": _TEXT, "calls": _INTEGER}),
        "showing": _object({"showed": {"type": "string", "enum": ["fallback", "error", "picture"]}}),
        "latency": _of_scope(_object({"latency": {"type": "object", "additionalProperties": _TEXT}})),
        "latency_setting": _object({"latency": {"type": ["string", "object"]}}),
        "clock": _of_scope(_object({"now": _TEXT, "now_s": _NUMBER, "is_frozen": _BOOLEAN, "offset_s": _NUMBER})),
        "clock_setting": {"type": "object", "properties": _CLOCK_SETTING, "additionalProperties": False},
        "advance": _object({"seconds": {"type": "number", "minimum": 0}}),
    }


_JOURNAL = {"held_bytes": _INTEGER, "budget_bytes": _INTEGER, "evicted": _INTEGER, "lost": _INTEGER, "began": _TEXT}
_ABOUT = {
    **dict.fromkeys(("version", "mode", "state", "trace_url"), _TEXT), "success": _INTEGER,
    "full_pictures": {"type": "object"}, "modes": {"type": "array"},
    **{name: {"type": "array"} for name in ("req_keys", "codes", "faults")},
}  # fmt: skip
_INPUTS = {"held_bytes": _INTEGER, "budget_bytes": _INTEGER}
_TASK = {
    **dict.fromkeys(("id", "scope", "req_key", "status", "call_id"), _TEXT),
    "submitted_at_s": _NUMBER, "ends_at_s": {"type": ["number", "null"]}, "injected": {"type": "array", "items": _TEXT},
    "is_painted": _BOOLEAN, "input_bytes": _INTEGER, "callback": {"type": ["object", "null"]},
}  # fmt: skip
_CALLBACK = {
    **dict.fromkeys(("time", "scope", "task_id", "req_key", "call_id", "url", "task_status", "problem"), _TEXT),
    "time_s": _NUMBER, "sent_bytes": _INTEGER,
    "code": {"type": ["integer", "null"]}, "status": {"type": ["integer", "null"]},
}  # fmt: skip
_LEFT = {"type": ["integer", "null"]}
_LISTED_RULE = {"id": _TEXT, "scope": _TEXT, "fired": _INTEGER, "skipped": _INTEGER, "remaining": _LEFT}
_CLOCK_SETTING = {"now": {"type": ["string", "number"]}, "now_s": _NUMBER, "is_frozen": _BOOLEAN}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _identifier(route),
        "parameters": _parameters(route),
        "responses": {str(route.status): _content(route.summary, route.media_type, route.response)},
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
        "description": "The scope to address; * addresses all scopes. Without it: the default scope.",
    }  # fmt: skip
    return in_path + in_query + ([scope] if route.access == "guarded" else [])


def _identifier(route: Route) -> str:
    words = re.sub(r"<\w+>", "one", route.path).replace(".", "_").strip("/").replace("/", "_")
    return f"{route.method.lower()}_{words or 'page'}"


def _content(description: str, media_type: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": _reference(schema)}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(members: dict[str, Any], *, more: bool = False, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": more}


def _of_scope(one: dict[str, Any]) -> dict[str, Any]:
    """With X-Volcv-Mock-Scope: * one for each scope."""
    return {"oneOf": [one, _object({"scopes": {"type": "object", "additionalProperties": one}})]}


def _entry_member(name: str) -> dict[str, Any]:
    """From the annotation in entries.py, so that the two cannot part."""
    own = {each.name: each.type for each in fields(Entry)}
    annotation = str(own.get(name) or getattr(Entry, name).fget.__annotations__["return"])
    types = [_json_type(part) for part in annotation.split(" | ")]
    return {"type": types[0] if len(types) == 1 else types}


def _json_type(annotation: str) -> str:
    return "array" if annotation.startswith("Sequence") else _PYTHON_TYPES.get(annotation, "object")
