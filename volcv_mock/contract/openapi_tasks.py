"""The part of the OpenAPI document about tasks, and about the wrapped answers of Version 2024-06-06."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from volcv_mock.contract.provenance import TASKS

SCHEMAS = "#/components/schemas/"
IN_BODIES = ("callback",)
"""Parts of the body of a submit, which the document has as open objects."""
FILES = tuple(f"tasks/{name}.schema.json" for name in TASKS if name not in IN_BODIES)
ASKS = ("tasks.result_request", "tasks.cancel_request")
ANSWERS = tuple(f"tasks.answers.{step}" for step in ("submit", "waiting", "done", "cancel"))
_WRAPPED_AS: Mapping[str, tuple[str, ...]] = {"service_error": ("tasks.answers.wrapped_error",)}
WRAPPED = "wrapped"
RESULT_REQUEST, OPTIONS = "tasks.result_request", "tasks.req_json"


def branches(names: Iterable[str]) -> list[dict[str, str]]:
    """References to components."""
    return [{"$ref": SCHEMAS + name} for name in names]


def errors(kinds: Iterable[str]) -> list[str]:
    """The components of the envelopes of an error; one of the service is wrapped under Version 2024-06-06."""
    return [name for kind in kinds for name in (f"common.envelopes.{kind}", *_WRAPPED_AS.get(kind, ()))]


def asks() -> dict[str, Any]:
    """The bodies of the later steps of a task: the two have one shape, so that neither excludes the other."""
    return {"description": "Ask for the result of a task, or cancel it.", "anyOf": branches(ASKS)}


def wrapped(answers: list[dict[str, str]]) -> dict[str, Any]:
    """A success under Version 2024-06-06: one of the flat answers as Result."""
    return {
        "description": "A success under Version 2024-06-06.",
        "type": "object",
        "required": ["ResponseMetadata", "Result"],
        "properties": {"ResponseMetadata": {"$ref": f"{SCHEMAS}tasks.answers.metadata"}, "Result": {"anyOf": answers}},
    }


def with_options(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The request for a result, whose member req_json is JSON text of another schema."""
    if name != RESULT_REQUEST:
        return dict(schema)
    text = {**schema["properties"]["req_json"], "contentMediaType": "application/json",
            "contentSchema": {"$ref": SCHEMAS + OPTIONS}}  # fmt: skip
    return {**schema, "properties": {**schema["properties"], "req_json": text}}
