"""Writes the OpenAPI 3.1 document from schemas/ and fixtures/examples/. Nothing in it is typed here twice.

The two doors share their bodies; they differ in who may enter and in the envelopes of a refusal.
Triggers and control are left out on purpose: a generator must not stumble over them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from volcv_mock._util.paths import shelf
from volcv_mock.contract.codes import codes, placement, row
from volcv_mock.contract.documents import document, in_profile
from volcv_mock.contract.operations import operations, parameter
from volcv_mock.contract.provenance import COMMONS
from volcv_mock.model import CodeRow, Endpoint, Profile

URN = "urn:volcv-mock:"
ENVELOPES = {"service": "service_error", "gateway": "gateway_error", "proxy": "proxy_error"}
SECURITY = {"official": "signature", "proxy": "bearer"}
OK, NOT_ALLOWED = 200, 405
OPERATION_IDS = {"official": "cvProcess", "proxy": "cvProcessByProxy"}


def openapi(profile: Profile = "default", auth: str = "any") -> dict[str, Any]:
    """The whole document, for a profile and an auth mode ("any", "strict" or "off")."""
    endpoints: tuple[tuple[str, Endpoint], ...] = (
        (parameter("official_path"), "official"),
        (parameter("proxy_path"), "proxy"),
    )
    return {
        "openapi": "3.1.0",
        "info": _info(profile, auth),
        "paths": {path: {"post": _post(endpoint, auth)} for path, endpoint in endpoints},
        "components": _components(profile, auth),
    }


def _info(profile: Profile, auth: str) -> dict[str, Any]:
    words = [
        "Generated from schemas/ by volcv-mock.",
        "x-source and x-grade say where each keyword comes from and how sure it is.",
        f"Profile: {profile}. Credentials: {'not looked at' if auth == 'off' else 'required'}.",
        "A schema cannot say what a picture must be: see x-picture and x-mask.",
    ]
    title = "CVProcess, as volcv-mock serves it"
    return {"title": title, "version": parameter("version"), "description": " ".join(words)}


def _post(endpoint: Endpoint, auth: str) -> dict[str, Any]:
    post: dict[str, Any] = {
        "operationId": OPERATION_IDS[endpoint],
        "summary": "Remove, repaint, enlarge or change a picture; req_key says which",
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _query()["properties"]],
        "requestBody": {"$ref": "#/components/requestBodies/CVProcess"},
        "responses": {str(status): {"$ref": f"#/components/responses/{endpoint}.{status}"} for status in _statuses()},
    }
    return post if auth == "off" else {**post, "security": [{SECURITY[endpoint]: []}]}


def _components(profile: Profile, auth: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schemas": dict(_schemas(profile)),
        "parameters": {name: _parameter(name, part) for name, part in _query()["properties"].items()},
        "headers": {name: {"schema": _bundled(part, "")} for name, part in _answer_headers().items()},
        "examples": dict(_examples()),
        "requestBodies": {"CVProcess": _request_body()},
        "responses": dict(_responses()),
    }
    return made if auth == "off" else {**made, "securitySchemes": _security_schemes()}


def _query() -> Mapping[str, Any]:
    return document("common/query.schema.json")


def _answer_headers() -> Mapping[str, Any]:
    parts: Mapping[str, Any] = document("common/headers.schema.json")["properties"]
    return {name: part for name, part in parts.items() if name != "Content-Type"}


def _parameter(name: str, part: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": name in _query()["required"], "schema": _bundled(part, "")}


def _security_schemes() -> dict[str, Any]:
    signature = "HMAC-SHA256 Credential={key}/{date}/{region}/{service}/request, SignedHeaders=..., Signature=..."
    return {
        "signature": {"type": "apiKey", "in": "header", "name": "Authorization", "description": signature},
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key that begins with sk-"},
    }


# --- schemas


def _schemas(profile: Profile) -> Iterator[tuple[str, Any]]:
    """Every schema under its component name: urn:volcv-mock:common:seed is common.seed."""
    files = [f"common/{name}.schema.json" for name in COMMONS if name not in ("query", "headers")]
    for operation in operations().values():
        files += [operation.request_schema, operation.response_schema]
    for file in files:
        whole = document(file)
        name = _component(whole["$id"])
        wanted = in_profile(whole, profile) if file.startswith(("requests/", "common/")) else whole
        if any(key in whole for key in ("type", "oneOf")):
            yield name, _bundled(wanted, name)
        for part, schema in wanted.get("$defs", {}).items():
            yield f"{name}.{part}", _bundled(schema, name)


def _component(urn: str) -> str:
    return urn.removeprefix(URN).replace(":", ".")


def _bundled(node: Any, home: str) -> Any:
    """The schema with its `$ref`s pointing into components, and without what only a file needs."""
    if isinstance(node, list):
        return [_bundled(item, home) for item in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: _bundled(value, home) for key, value in node.items() if key not in ("$schema", "$id", "$defs")}
    if isinstance(node.get("$ref"), str):
        kept["$ref"] = _pointer(node["$ref"], home)
    return kept


def _pointer(ref: str, home: str) -> str:
    urn, _, part = ref.partition("#/$defs/")
    name = _component(urn) if urn else home
    return f"#/components/schemas/{name}.{part}" if part else f"#/components/schemas/{name}"


def _request_body() -> dict[str, Any]:
    branches = [
        {"$ref": f"#/components/schemas/requests.{operation.req_key}.{mode}"}
        for operation in operations().values()
        for mode in operation.modes
    ]
    names = [name for name in _examples() if ".request_" in name]
    return {"required": True, "content": _json_content({"oneOf": branches}, names)}


def _json_content(schema: Mapping[str, Any], examples: list[str]) -> dict[str, Any]:
    shown = {name: {"$ref": f"#/components/examples/{name}"} for name in examples}
    content: dict[str, Any] = {"schema": schema}
    return {"application/json": {**content, "examples": shown} if shown else content}


# --- examples


@cache
def _examples() -> Mapping[str, Any]:
    return dict(_named_examples())


def _named_examples() -> Iterator[tuple[str, Any]]:
    """The requests and answers of fixtures/examples/ whose pictures are real, then one of each error."""
    for req_key, operation in operations().items():
        names = [*(f"request_{mode}" for mode in operation.modes), "answer_base64", "answer_url"]
        for name in names:
            value = json.loads(_example_file(req_key, name))
            yield f"{req_key}.{name}", {"summary": f"{operation.title}: {name.replace('_', ', ')}", "value": value}
    yield "i2i_inpainting.answer_ghost_face", {"summary": row("201304").meaning, "value": ghost_face_body()}
    for error in _error_rows():
        yield f"error.{error.id}", {"summary": error.meaning, "value": error_body(error)}


def ghost_face_body() -> dict[str, Any]:
    """201304 as it is laid into an answer when nothing else is asked: beside a success, without a picture."""
    place = placement("ghost_face")
    sample = json.loads(_example_file("i2i_inpainting", "answer_base64"))
    status = {"status_code": place["algorithm_status"], "status_message": place["algorithm_message"]}
    return {**sample, "data": {**sample["data"], "algorithm_base_resp": status, "binary_data_base64": []}}


def _example_file(req_key: str, name: str) -> str:
    return (shelf("fixtures") / "examples" / req_key / f"{name}.json").read_text(encoding="utf-8")


def error_body(error: CodeRow) -> dict[str, Any]:
    """What an error of that row looks like, with the ids of a sample answer."""
    shape = document("codes.json")["samples"]
    message = error.message.replace("%s", "...")
    if error.envelope == "gateway":
        numbered = {} if error.code is None else {"CodeN": error.code}
        body = {**numbered, "Code": error.name, "Message": message}
        return {"ResponseMetadata": {**shape["gateway"]["ResponseMetadata"], "Error": body}}
    if error.envelope == "proxy":
        return {"error": {**shape["proxy"]["error"], "message": message}}
    return {**shape["service"], "code": error.code, "message": message, "status": error.code}


# --- responses


def _statuses() -> Mapping[str, str]:
    """HTTP status -> what it means here, in one sentence."""
    statuses: Mapping[str, str] = document("codes.json")["statuses"]
    return statuses


def _error_rows() -> list[CodeRow]:
    """The rows a service door refuses with; picture links live elsewhere, 200 is no refusal."""
    away = {raw["id"] for raw in document("codes.json")["rows"] if raw.get("place") or raw["http_status"] == OK}
    return [row for row in codes() if row.id not in away]


def _responses() -> Iterator[tuple[str, Any]]:
    for endpoint in SECURITY:
        rows = [row for row in _error_rows() if endpoint == "proxy" or row.envelope != "proxy"]
        for status, reason in _statuses().items():
            name = f"{endpoint}.{status}"
            if int(status) == OK:
                yield name, _success_response(reason)
            else:
                yield name, _refusal(int(status), reason, [row for row in rows if row.http_status == int(status)])


def _success_response(reason: str) -> dict[str, Any]:
    branches = [{"$ref": f"#/components/schemas/responses.{req_key}"} for req_key in operations()]
    names = [name for name in _examples() if ".answer_" in name]
    content = _json_content({"anyOf": branches}, names)
    return {"description": reason, "headers": _headers("X-Volcv-Mock-Call"), "content": content}


def _refusal(status: int, reason: str, rows: list[CodeRow]) -> dict[str, Any]:
    kinds = dict.fromkeys(ENVELOPES[row.envelope] for row in rows)
    branches = [{"$ref": f"#/components/schemas/common.envelopes.{kind}"} for kind in kinds]
    headers = _headers(*_answer_headers())
    if status == NOT_ALLOWED:
        headers["Allow"] = {"description": "What is served instead.", "schema": {"type": "string"}}
    content = _json_content({"anyOf": branches}, [f"error.{row.id}" for row in rows])
    return {"description": reason, "headers": headers, "content": content}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
