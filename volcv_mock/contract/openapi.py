"""Writes the OpenAPI 3.1 document from schemas/ and fixtures/examples/.

The two endpoints share request bodies and successes; they differ in credentials and in the envelopes of a
refusal. Triggers and the control API are not in it: a generator of requests must not set them off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from volcv_mock._util.paths import shelf
from volcv_mock.contract import openapi_tasks
from volcv_mock.contract.codes import codes, placement, row
from volcv_mock.contract.documents import Schema, document, in_shape, patched
from volcv_mock.contract.in_force import per_contract
from volcv_mock.contract.operations import operations, parameter
from volcv_mock.contract.provenance import COMMONS
from volcv_mock.contract.readings import shape, table
from volcv_mock.contract.resellers import Reseller, UpstreamError, default_reseller, resellers
from volcv_mock.model import CodeRow, Endpoint, Profile

URN = "urn:volcv-mock:"
WRAPPED = "upstream_error"
ENVELOPES = {"service": "service_error", "gateway": "gateway_error", "proxy": "proxy_error"}
SECURITY: Mapping[Endpoint, str] = {"official": "signature", "proxy": "bearer"}
OK, NOT_ALLOWED = 200, 405
OPERATION_IDS = {"official": "cvProcess", "proxy": "cvProcessByProxy"}


def openapi(profile: Profile = "default", auth: str = "any", reseller: str = "") -> dict[str, Any]:
    """The whole document, for a profile, an auth mode ("any", "strict" or "off") and a reseller's profile."""
    passed_on = resellers()[reseller or default_reseller()]
    endpoints: tuple[tuple[str, Endpoint], ...] = (
        (parameter("official_path"), "official"),
        (parameter("proxy_path"), "proxy"),
    )
    return {
        "openapi": "3.1.0",
        "info": _info(profile, auth, passed_on),
        "paths": {path: {"post": _post(endpoint, auth, passed_on)} for path, endpoint in endpoints},
        "components": _components(profile, auth, passed_on),
    }


def _info(profile: Profile, auth: str, reseller: Reseller) -> dict[str, Any]:
    words = [
        "Generated from schemas/ by volcv-mock.",
        "x-source and x-grade say where each keyword comes from and how sure it is.",
        f"Profile: {profile}. Credentials: {'not checked' if auth == 'off' else 'required'}. Reseller: {reseller.id}.",
        "A schema cannot say what a picture must be: see x-picture and x-mask.",
    ]
    title = "CVProcess, as volcv-mock serves it"
    return {"title": title, "version": parameter("version"), "description": " ".join(words)}


def _post(endpoint: Endpoint, auth: str, reseller: Reseller) -> dict[str, Any]:
    names = [name for name, _ in _responses(reseller) if name.startswith(f"{endpoint}.")]
    post: dict[str, Any] = {
        "operationId": OPERATION_IDS[endpoint],
        "summary": "Remove, repaint, enlarge or change a picture; `req_key` selects the operation",
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _query()["properties"]],
        "requestBody": {"$ref": "#/components/requestBodies/CVProcess"},
        "responses": {name.rpartition(".")[2]: {"$ref": f"#/components/responses/{name}"} for name in names},
    }
    return post if auth == "off" else {**post, "security": [{SECURITY[endpoint]: []}]}


def _components(profile: Profile, auth: str, reseller: Reseller) -> dict[str, Any]:
    idle = () if reseller.upstream_error else (f"common.envelopes.{WRAPPED}",)
    made: dict[str, Any] = {
        "schemas": {name: schema for name, schema in _schemas(profile) if name not in idle},
        "parameters": {name: _parameter(name, part) for name, part in _query()["properties"].items()},
        "headers": {name: {"schema": _bundled(part, "")} for name, part in _answer_headers().items()},
        "examples": {**_examples(), **dict(_wrapped_examples(reseller))},
        "requestBodies": {"CVProcess": _request_body()},
        "responses": dict(_responses(reseller)),
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
    files += openapi_tasks.FILES
    for operation in operations().values():
        files += [operation.request_schema, operation.response_schema]
    for file in files:
        whole = document(file)
        name = _component(whole["$id"])
        wanted = _as_read(whole, file, profile) if file.startswith(("requests/", "common/")) else whole
        if any(key in whole for key in ("type", "oneOf")):
            yield name, openapi_tasks.with_options(name, _bundled(wanted, name))
        for part, schema in wanted.get("$defs", {}).items():
            yield f"{name}.{part}", _bundled(schema, name)
    yield openapi_tasks.WRAPPED, openapi_tasks.wrapped(_flat_successes())


def _as_read(whole: Schema, file: str, profile: Profile) -> dict[str, Any]:
    """A file of schemas/ as the profile and the readings in force want it."""
    played, made = table(profile), dict(whole)
    for keyword in ("x-picture", "x-mask"):
        if keyword in made:
            changed = {name: value for name, value in played.figures.items() if name in made[keyword]}
            made[keyword] = {**made[keyword], **changed}
    if file.startswith("requests/") and played.patches:
        parts = made["$defs"].items()
        made["$defs"] = {
            name: patched(part, file, played.patches, whole) if "properties" in part else part for name, part in parts
        }
    shaped: dict[str, Any] = in_shape(made, shape(profile))
    return shaped


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
    return {"required": True, "content": _json_content({"oneOf": [*branches, openapi_tasks.asks()]}, names)}


def _json_content(schema: Mapping[str, Any], examples: list[str]) -> dict[str, Any]:
    shown = {name: {"$ref": f"#/components/examples/{name}"} for name in examples}
    content: dict[str, Any] = {"schema": schema}
    return {"application/json": {**content, "examples": shown} if shown else content}


# --- examples


def _examples() -> Mapping[str, Any]:
    """The requests and answers of fixtures/examples/ whose pictures are real, then one of each error."""
    errors = ((f"error.{row.id}", {"summary": row.meaning, "value": error_body(row)}) for row in _error_rows())
    return {**_of_fixtures(), **dict(errors)}


@per_contract
def _of_fixtures() -> Mapping[str, Any]:
    return dict(_named_examples())


def _named_examples() -> Iterator[tuple[str, Any]]:
    for req_key, operation in operations().items():
        names = [*(f"request_{mode}" for mode in operation.modes), "answer_base64", "answer_url"]
        for name in filter(lambda name: _example_path(req_key, name).is_file(), names):
            value = json.loads(_example_file(req_key, name))
            yield f"{req_key}.{name}", {"summary": f"{operation.title}: {name.replace('_', ', ')}", "value": value}
    yield "i2i_inpainting.answer_ghost_face", {"summary": row("201304").meaning, "value": ghost_face_body()}


def _wrapped_examples(reseller: Reseller) -> Iterator[tuple[str, Any]]:
    for each in _error_rows():
        if error := reseller.wrapping(each, "proxy"):
            body = json.dumps(error_body(each), ensure_ascii=False, separators=(",", ":"))
            yield f"wrapped.{each.id}", {"summary": each.meaning, "value": json.loads(error.wrapped(body))}


def ghost_face_body() -> dict[str, Any]:
    """201304 as it is laid into an answer when nothing else is asked: beside a success, without a picture."""
    place = placement("ghost_face")
    sample = json.loads(_example_file("i2i_inpainting", "answer_base64"))
    status = {"status_code": place["algorithm_status"], "status_message": place["algorithm_message"]}
    return {**sample, "data": {**sample["data"], "algorithm_base_resp": status, "binary_data_base64": []}}


def _example_file(req_key: str, name: str) -> str:
    return _example_path(req_key, name).read_text(encoding="utf-8")


def _example_path(req_key: str, name: str) -> Path:
    return shelf("fixtures") / "examples" / req_key / f"{name}.json"


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


def _wrapping(endpoint: Endpoint, reseller: Reseller) -> UpstreamError | None:
    return reseller.upstream_error if endpoint == "proxy" else None


def _statuses(error: UpstreamError | None) -> Mapping[str, str]:
    """HTTP status -> what it means here, in one sentence."""
    statuses: dict[str, str] = dict(document("codes.json")["statuses"])
    for played in table().answers.values():
        statuses.setdefault(str(played.http_status), "Refused, as measured at the service.")
    return {**statuses, str(error.http_status): error.meaning} if error else statuses


def _error_rows() -> list[CodeRow]:
    """The rows a service endpoint refuses with: not those of picture links, nor those of HTTP 200."""
    away = {raw["id"] for raw in document("codes.json")["rows"] if raw.get("place") or raw["http_status"] == OK}
    served = [row for row in codes() if row.id not in away]
    measured = [row for row in table().answers.values() if row not in codes()]
    return [*served, *({row.id: row for row in measured}).values()]


def _responses(reseller: Reseller) -> Iterator[tuple[str, Any]]:
    for endpoint in SECURITY:
        rows = [row for row in _error_rows() if endpoint == "proxy" or row.envelope != "proxy"]
        yield from _responses_of(endpoint, rows, reseller)


def _responses_of(endpoint: Endpoint, rows: list[CodeRow], reseller: Reseller) -> Iterator[tuple[str, Any]]:
    plain = [row for row in rows if not reseller.wrapping(row, endpoint)]
    wrapped = [row for row in rows if reseller.wrapping(row, endpoint)]
    error = _wrapping(endpoint, reseller)
    for status, reason in _statuses(error).items():
        if int(status) == OK:
            yield f"{endpoint}.{status}", _success_response(reason)
        elif error and int(status) == error.http_status:
            examples = [f"wrapped.{row.id}" for row in wrapped]
            yield f"{endpoint}.{status}", _refusal(int(status), reason, [WRAPPED], examples)
        elif here := [row for row in plain if row.http_status == int(status)]:
            kinds, examples = [ENVELOPES[row.envelope] for row in here], [f"error.{row.id}" for row in here]
            yield f"{endpoint}.{status}", _refusal(int(status), reason, kinds, examples)


def _success_response(reason: str) -> dict[str, Any]:
    branches = [*_flat_successes(), *openapi_tasks.branches([openapi_tasks.WRAPPED])]
    content = _json_content({"anyOf": branches}, [name for name in _examples() if ".answer_" in name])
    return {"description": reason, "headers": _headers("X-Volcv-Mock-Call"), "content": content}


def _flat_successes() -> list[dict[str, str]]:
    return openapi_tasks.branches([*(f"responses.{req_key}" for req_key in operations()), *openapi_tasks.ANSWERS])


def _refusal(status: int, reason: str, kinds: list[str], examples: list[str]) -> dict[str, Any]:
    branches = openapi_tasks.branches(openapi_tasks.errors(dict.fromkeys(kinds)))
    headers = _headers(*_answer_headers())
    if status == NOT_ALLOWED:
        headers["Allow"] = {"description": "What is served instead.", "schema": {"type": "string"}}
    content = _json_content({"anyOf": branches}, examples)
    return {"description": reason, "headers": headers, "content": content}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
