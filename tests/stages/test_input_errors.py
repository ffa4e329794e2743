"""Which code answers which wrong request (the vendor's common code table), and how a reseller passes it on."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from volcv_mock import contract, pipeline, service
from volcv_mock.config import BadSetting, Settings
from volcv_mock.contract.documents import document
from volcv_mock.delivery import Reply
from volcv_mock.http.endpoints import endpoint_of
from volcv_mock.model import Problem, RawRequest
from volcv_mock.world import World


def png(size: int, mode: str = "RGB") -> str:
    sink = io.BytesIO()
    Image.new(mode, (size, size), 255 if mode == "L" else "teal").save(sink, "PNG")
    return base64.b64encode(sink.getvalue()).decode()


PICTURE, MASK = png(64), png(64, "L")
SOUND: dict[str, Any] = {"req_key": "i2i_inpainting", "binary_data_base64": [PICTURE, MASK], "seed": 1}
SEEDEDIT: dict[str, Any] = {"req_key": "byteedit_v2.0", "prompt": "evening", "binary_data_base64": [PICTURE]}
JSON_TYPE = "application/json"
QUERY = "Action=CVProcess&Version=2022-08-31"


def ask(world: World, body: object, media_type: str = JSON_TYPE, **more: Any) -> tuple[Reply, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (("Authorization", "Bearer sk-any"), ("Content-Type", media_type))
    request = {"endpoint": "proxy", "method": "POST", "path": "/volcv/v1", "headers": headers, "body": data}
    raw = RawRequest(**{**request, "query": QUERY, **more})
    reply = pipeline.handle(raw, world)
    return reply, json.loads(b"".join(reply.body))


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


WRONG: list[Any] = [
    pytest.param(SOUND, "text/plain", 50200, "media_type", id="another media type"),
    pytest.param(b"{", JSON_TYPE, 50200, "json_syntax", id="no JSON"),
    pytest.param({**SOUND, "scale": 30}, JSON_TYPE, 50200, "schema_maximum", id="out of range"),
    pytest.param({**SOUND, "quality": "X"}, JSON_TYPE, 50200, "schema_enum", id="not permitted"),
    pytest.param({**SOUND, "binary_data_base64": [PICTURE]}, JSON_TYPE, 50200, "schema_minItems", id="no mask"),
    pytest.param({}, JSON_TYPE, 50201, "req_key_missing", id="no req_key"),
    pytest.param(without(SEEDEDIT, "prompt"), JSON_TYPE, 50201, "schema_required", id="no prompt"),
    pytest.param({**SOUND, "seed": "7"}, JSON_TYPE, 50204, "schema_type", id="a number in quotes"),
    pytest.param({**SOUND, "seed": None}, JSON_TYPE, 50204, "schema_type", id="null"),
    pytest.param({"req_key": "i2i_inpainting", "image_urls": ""}, JSON_TYPE, 50204, "schema_type", id="a text of URLs"),
    pytest.param({**SOUND, "binary_data_base64": [png(1), MASK]}, JSON_TYPE, 50205, "picture_min_side", id="1x1"),
    pytest.param(without(SOUND, "binary_data_base64"), JSON_TYPE, 50206, "picture_missing", id="no picture"),
    pytest.param({**SOUND, "binary_data_base64": []}, JSON_TYPE, 50206, "picture_missing", id="an empty list"),
    pytest.param({**SOUND, "binary_data_base64": ["", MASK]}, JSON_TYPE, 50206, "base64_empty", id="an empty text"),
    pytest.param(
        {**SOUND, "binary_data_base64": [f"data:image/png;base64,{PICTURE}", MASK]},
        JSON_TYPE, 50207, "base64_is_not_data_uri", id="a data URI",
    ),
    pytest.param({**SOUND, "binary_data_base64": ["AAAA", MASK]}, JSON_TYPE, 50207, "picture_format", id="no picture"),
    pytest.param(
        {**SOUND, "binary_data_base64": [PICTURE, png(64)[:-8] + "AAAAAAA="]}, JSON_TYPE, 50215, "mask_", id="the mask"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "media_type", "code", "rule"), WRONG)
def test_wrong_input_has_the_code_of_the_vendor_s_table(body: object, media_type: str, code: int, rule: str) -> None:
    reply, answer = ask(World(Settings()), body, media_type)

    assert (reply.status, answer["code"], answer["status"], answer["data"]) == (400, code, code, None)
    assert f"rule {rule}" in dict(reply.headers)["X-Volcv-Mock-Reason"]


def test_a_body_over_the_cap_is_50213_and_by_a_reading_413() -> None:
    body = b" " * (int(contract.parameter("body_limit_bytes")) + 1)

    reply, answer = ask(World(Settings()), body)
    assert (reply.status, answer["code"]) == (400, 50213)

    reply, answer = ask(World(Settings(reading=("body-too-large=413",))), body)
    assert (reply.status, answer["ResponseMetadata"]["Error"]["Code"]) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize("code", [50209, 50210, 50211, 50214, 50402, 60102, 60208])
def test_a_code_that_no_picture_request_meets_can_be_asked_for(code: int) -> None:
    override = (("Authorization", "Bearer sk-any"), ("Content-Type", JSON_TYPE), ("X-Volcv-Mock", f"code={code}"))

    reply, answer = ask(World(Settings()), SOUND, headers=override)

    assert answer["code"] == code
    assert reply.status == contract.row(code).http_status >= 400


def test_no_message_of_the_copied_table_is_graded_as_known() -> None:
    """The copies give names and meanings, no messages."""
    copied = [row for row in document("codes.json")["rows"] if row["source"] == ["P-common-codes"]]

    assert len(copied) > 10
    assert {row["grades"]["message"] for row in copied} == {"assumed"}


# --- resellers


def test_a_reseller_may_wrap_what_the_vendor_refuses() -> None:
    world = World(Settings(reseller="wrapped-406"))
    _, plain = ask(World(Settings()), {**SOUND, "scale": 30})

    reply, answer = ask(world, {**SOUND, "scale": 30})

    assert reply.status == 406
    assert b"".join(reply.body).startswith(b'{"code":"upstream_error","message":"","upsream_message":"{\\"code\\":-1,')
    carried = json.loads(answer["upsream_message"])
    upstream = json.loads(carried["message"].removeprefix("not ok match: "))
    assert {**upstream, "time_elapsed": ""} == {**plain, "time_elapsed": ""}
    assert answer["data"] is None
    assert "rule schema_maximum" in dict(reply.headers)["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize("name", ["ServiceUnavailableTemp", "InternalServiceError"])
def test_an_error_of_the_vendor_s_gateway_without_a_number_is_wrapped_too(name: str) -> None:
    headers = (("Authorization", f"Bearer sk-mock-{name}"), ("Content-Type", JSON_TYPE))

    reply, answer = ask(World(Settings(reseller="wrapped-406")), SOUND, headers=headers)

    assert (reply.status, answer["code"]) == (406, "upstream_error")
    assert name in answer["upsream_message"]


def test_a_page_in_place_of_a_wrapped_error_is_that_page() -> None:
    headers = (("Authorization", "Bearer sk-mock-html_502"), ("Content-Type", JSON_TYPE),
               ("X-Volcv-Mock", "code=50411"))  # fmt: skip
    raw = RawRequest("proxy", "POST", "/volcv/v1", QUERY, headers, json.dumps(SOUND).encode())

    reply = pipeline.handle(raw, World(Settings(reseller="wrapped-406")))

    assert (reply.status, reply.unreadable) == (502, "html_502")
    assert b"".join(reply.body).startswith(b"<html>")


def test_a_wrapped_error_that_is_malformed_lacks_the_last_brace_of_the_reseller_only() -> None:
    headers = (("Authorization", "Bearer sk-mock-malformed_json"), ("Content-Type", JSON_TYPE),
               ("X-Volcv-Mock", "code=50411"))  # fmt: skip
    raw = RawRequest("proxy", "POST", "/volcv/v1", QUERY, headers, json.dumps(SOUND).encode())

    reply = pipeline.handle(raw, World(Settings(reseller="wrapped-406")))

    whole = json.loads(b"".join(reply.body) + b"}")
    carried = json.loads(whole["upsream_message"])["message"].removeprefix("not ok match: ")
    assert json.loads(carried)["code"] == 50411


def test_a_wrapping_reseller_leaves_successes_and_its_own_refusals_as_they_are() -> None:
    world = World(Settings(reseller="wrapped-406"))

    assert ask(world, SOUND)[1]["code"] == 10000
    reply, answer = ask(world, SOUND, headers=(("Content-Type", JSON_TYPE),))
    assert (reply.status, set(answer)) == (401, {"error"})


def test_the_official_endpoint_has_no_reseller() -> None:
    world = World(Settings(reseller="wrapped-406", auth="off"))

    reply, answer = ask(world, {**SOUND, "scale": 30}, endpoint="official", path="/")

    assert (reply.status, answer["code"]) == (400, 50200)


@pytest.mark.parametrize(
    ("endpoint", "method", "status"),
    [
        ("proxy", "GET", 404), ("proxy", "HEAD", 404), ("proxy", "PUT", 405), ("proxy", "DELETE", 405),
        ("official", "GET", 405), ("official", "HEAD", 405), ("official", "PUT", 405),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reseller", contract.resellers())
def test_a_reseller_s_router_knows_no_get_of_its_path(reseller: str, endpoint: Any, method: str, status: int) -> None:
    raw = RawRequest(endpoint, method, "/volcv/v1", "", (), b"")
    problem = Problem("method", method, "POST", "Send the call as POST.", "method_not_allowed", "S1")

    reply = pipeline.refuse(raw, World(Settings(reseller=reseller)), problem)

    assert reply.status == status
    assert ("Allow" in dict(reply.headers)) is (status == 405)


@pytest.mark.parametrize("path", ["/", "/volcv/v1", "/nowhere"])
def test_a_refused_head_has_the_headers_of_a_get(path: str) -> None:
    """RFC 9110, 9.3.2: the length too, so the message names the same method. The journal keeps what was sent."""
    world = World()

    get, head = (service.answer_blocking(RawRequest(endpoint_of(path), method, path, "", (), b""), world)
                 for method in ("GET", "HEAD"))  # fmt: skip

    assert [value for name, value in get.headers if name != "X-Volcv-Mock-Call"] == [
        value for name, value in head.headers if name != "X-Volcv-Mock-Call"
    ]
    assert get.size_bytes == head.size_bytes
    assert [call.method for call in world.journal.entries()] == ["GET", "HEAD"]


def test_an_unknown_reseller_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadSetting, match="new-api, wrapped-406"):
        Settings(reseller="nobody")
