"""The OpenAPI document: generated, checked in, of one piece, and true to the schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tools.openapi import text
from volcv_mock import VolcvMock, contract
from volcv_mock._util.paths import shelf
from volcv_mock.model import Profile

ENDPOINTS = ("/", "/volcv/v1")
STATUSES = {str(status) for status in (
    200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 429, 431, 500, 502, 503, 504,
)}  # fmt: skip
PROFILES: tuple[Profile, ...] = get_args(Profile)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract.openapi("default", "any")


def resolve(document: Mapping[str, Any], ref: str) -> Any:
    node: Any = document
    for step in ref.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/")]
    return node


def followed(document: Mapping[str, Any], node: Any) -> Any:
    return resolve(document, node["$ref"]) if "$ref" in node else node


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def validator(document: dict[str, Any], schema: Mapping[str, Any]) -> Draft202012Validator:
    """A schema of the document with its references, which point into the whole."""
    resource = Resource(contents=document, specification=DRAFT202012)
    moved = json.loads(json.dumps(schema).replace('"#/', '"urn:whole#/'))
    whole = json.loads(json.dumps(document).replace('"#/', '"urn:whole#/'))
    registry: Registry[Any] = Registry().with_resource("urn:whole", Resource(whole, resource._specification))
    return Draft202012Validator(moved, registry=registry)


def media(part: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = part["content"]["application/json"]
    return content


def test_the_checked_in_document_is_what_the_schemas_give() -> None:
    """`make openapi` writes it anew."""
    assert (shelf("schemas") / "openapi.json").read_text(encoding="utf-8") == text()


def test_it_is_the_same_each_time() -> None:
    assert text() == text()


def test_both_endpoints_take_a_post_with_action_and_version_in_the_query(document: dict[str, Any]) -> None:
    assert tuple(document["paths"]) == ENDPOINTS
    for endpoint in ENDPOINTS:
        parameters = [followed(document, each) for each in document["paths"][endpoint]["post"]["parameters"]]
        assert [(each["name"], each["in"], each["required"]) for each in parameters] == [
            ("Action", "query", True),
            ("Version", "query", True),
        ]
        assert parameters[0]["schema"]["enum"] == list(contract.actions())
        assert tuple(parameters[1]["schema"]["enum"]) == contract.versions()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_status_the_mock_can_send_has_a_json_body_with_a_schema(document: dict[str, Any], endpoint: str) -> None:
    responses = document["paths"][endpoint]["post"]["responses"]

    assert set(responses) == STATUSES
    for status in STATUSES:
        assert media(followed(document, responses[status]))["schema"]


@pytest.mark.parametrize(
    ("endpoint", "envelope"), [(ENDPOINTS[0], False), (ENDPOINTS[1], True)], ids=["official", "proxy"]
)
def test_the_reseller_s_envelope_is_promised_only_at_the_reseller_s_endpoint(
    document: dict[str, Any], endpoint: str, envelope: bool
) -> None:
    refusal = followed(document, document["paths"][endpoint]["post"]["responses"]["401"])

    assert ("#/components/schemas/common.envelopes.proxy_error" in references(refusal)) is envelope


def test_no_reference_dangles_and_no_component_is_idle(document: dict[str, Any]) -> None:
    used = set(references(document))
    for reference in used:
        assert resolve(document, reference) is not None

    kept = {f"#/components/{kind}/{name}" for kind, parts in document["components"].items() for name in parts}
    idle = {each for each in kept - used if not each.startswith("#/components/securitySchemes/")}
    # The whole of a request stands beside its branches; x-mask names the mask. Neither is pointed at.
    wholes = {f"#/components/schemas/requests.{req_key}" for req_key in contract.operations()}
    assert idle <= wholes | {"#/components/schemas/common.mask"}


def test_every_schema_in_it_passes_the_metaschema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_branch_of_every_request_is_offered_once(document: dict[str, Any]) -> None:
    *branches, asks = media(document["components"]["requestBodies"]["CVProcess"])["schema"]["oneOf"]
    expected = [
        f"#/components/schemas/requests.{req_key}.{mode}"
        for req_key, operation in contract.operations().items()
        for mode in operation.modes
    ]

    assert [each["$ref"] for each in branches] == expected
    assert [each["$ref"].rpartition(".")[2] for each in asks["anyOf"]] == ["result_request", "cancel_request"]


def test_each_step_of_a_task_is_in_the_document_flat_and_wrapped(document: dict[str, Any]) -> None:
    """The real answers of the mock, each held to its component; the request bodies to those of the document."""
    bodies = validator(document, media(document["components"]["requestBodies"]["CVProcess"])["schema"])
    schemas = document["components"]["schemas"]
    held = {
        name: validator(document, schemas[name])
        for name in (
            *(f"tasks.answers.{step}" for step in ("submit", "waiting", "done", "cancel", "wrapped_error")),
            "wrapped",
        )
    }

    with VolcvMock().intercept("https://api.example.com") as volcv:

        def answer(action: str, body: Any, version: str = "2022-08-31") -> Any:
            assert bodies.is_valid(body)
            query = f"/volcv/v1?Action={action}&Version={version}"
            return httpx.post(volcv.base_url + query, json=body, headers={"Authorization": "Bearer sk-any"}).json()

        submitted = answer("CVSubmitTask", volcv.body())
        asked = {"req_key": "i2i_inpainting", "task_id": submitted["data"]["task_id"]}
        found = {
            "tasks.answers.submit": submitted,
            "tasks.answers.done": answer("CVGetResult", {**asked, "req_json": "{}"}),
            "tasks.answers.waiting": answer("CVGetResult", {**asked, "task_id": "1" * 19}),
            "wrapped": answer("CVCancelTask", asked, "2024-06-06"),
            "tasks.answers.wrapped_error": answer("CVSubmitTask", {**volcv.body(), "seed": 50411}, "2024-06-06"),
        }  # fmt: skip
        found["tasks.answers.cancel"] = found["wrapped"]["Result"]

    assert {name: list(held[name].iter_errors(each)) for name, each in found.items()} == {name: [] for name in held}
    assert found["tasks.answers.done"]["data"]["status"] == "done"


@pytest.mark.parametrize("profile", PROFILES)
def test_request_examples_satisfy_the_document_of_their_profile(profile: Profile) -> None:
    """A fuzzer sends them as they are: they must be real."""
    document = contract.openapi(profile, "any")
    body = media(document["components"]["requestBodies"]["CVProcess"])
    rules = validator(document, body["schema"])

    assert len(body["examples"]) == sum(len(operation.modes) for operation in contract.operations().values())
    for example in body["examples"].values():
        assert rules.is_valid(followed(document, example)["value"])


def test_response_examples_satisfy_their_schemas(document: dict[str, Any]) -> None:
    for response in document["components"]["responses"].values():
        rules = validator(document, media(response)["schema"])
        for example in media(response)["examples"].values():
            assert list(rules.iter_errors(followed(document, example)["value"])) == []


def test_every_refusal_s_example_has_the_status_it_stands_under(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        for each in media(response)["examples"]:
            row = each.removeprefix("error.")
            if row != each:
                assert contract.row(row).http_status == int(name.rpartition(".")[2])


def test_strict_closes_the_objects_it_serves_and_the_default_leaves_them_open() -> None:
    """Or a fuzzer would call the other behaviour a fault."""
    for profile, closed in (("default", None), ("strict", False), ("lenient", None)):
        schemas = contract.openapi(profile, "any")["components"]["schemas"]  # type: ignore[arg-type]
        assert schemas["requests.i2i_inpainting.base64"].get("additionalProperties") is closed
        assert schemas["common.logo_info"].get("additionalProperties") is closed
        assert "additionalProperties" not in schemas["responses.i2i_inpainting"]


def test_lenient_promises_no_range_for_numbers() -> None:
    schemas = contract.openapi("lenient", "any")["components"]["schemas"]

    assert "maximum" not in schemas["common.guidance_scale"]
    assert "maxItems" in schemas["requests.i2i_inpainting.pictures_base64"]


@pytest.mark.parametrize(("auth", "is_secured"), [("any", True), ("strict", True), ("off", False)])
def test_security_is_declared_only_where_it_is_enforced(auth: str, is_secured: bool) -> None:
    document = contract.openapi("default", auth)

    assert ("securitySchemes" in document["components"]) is is_secured
    assert [("security" in document["paths"][endpoint]["post"]) for endpoint in ENDPOINTS] == [is_secured, is_secured]


def test_each_endpoint_asks_for_its_own_credential(document: dict[str, Any]) -> None:
    assert [document["paths"][endpoint]["post"]["security"] for endpoint in ENDPOINTS] == [
        [{"signature": []}],
        [{"bearer": []}],
    ]


def test_no_example_triggers_an_injection() -> None:
    """Examples are sent as good requests: a trigger among them would make the mock look broken."""
    document = contract.openapi()
    bodies = media(document["components"]["requestBodies"]["CVProcess"])["examples"].values()

    for body in (followed(document, each)["value"] for each in bodies):
        assert "[[" not in json.dumps(body)
        assert not contract.knows(str(body.get("seed")))


def test_schemas_in_it_keep_their_papers(document: dict[str, Any]) -> None:
    seed = document["components"]["schemas"]["common.seed"]

    assert seed["x-source"]["minimum"]
    assert seed["x-grade"]["minimum"] == "stated"
