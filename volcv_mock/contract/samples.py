"""The smallest value that a request schema accepts, for sample requests. Pictures and prompts are the caller's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock.contract.documents import branch
from volcv_mock.contract.operations import operation
from volcv_mock.contract.wording import PICTURE_FIELDS


def sample_members(req_key: str, mode: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each required member that `given` lacks; lists of pictures are left to the caller."""
    schema = branch(operation(req_key).request_schema, mode)
    missing = [name for name in schema.get("required", ()) if name not in given and name not in PICTURE_FIELDS]
    return {name: sample_of(schema["properties"][name]) for name in missing}


def least_pictures(req_key: str, mode: str, field: str) -> int:
    """The fewest pictures that the mode takes."""
    part = branch(operation(req_key).request_schema, mode)["properties"].get(field, {})
    return int(part.get("minItems", 0))


def sample_of(schema: Mapping[str, Any]) -> Any:
    """One value for a resolved schema. A `pattern` is not looked at: no shipped request has one."""
    for keyword, value in (("const", schema.get("const")), ("default", schema.get("default"))):
        if keyword in schema:
            return value
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        return {name: sample_of(schema["properties"][name]) for name in schema.get("required", ())}
    if kind == "array":
        return [sample_of(schema.get("items", {}))] * int(schema.get("minItems", 0))
    if kind in ("integer", "number"):
        return _number(schema)
    return {"boolean": False, "null": None}.get(kind, "x" * max(1, schema.get("minLength", 1)))


def _number(schema: Mapping[str, Any]) -> int | float:
    """The least permitted number above 0, or the greatest when all are below."""
    least = [schema[name] + step for name, step in (("minimum", 0), ("exclusiveMinimum", 1)) if name in schema]
    most = [schema[name] - step for name, step in (("maximum", 0), ("exclusiveMaximum", 1)) if name in schema]
    found: int | float = min([max([1, *least]), *most])
    return found
