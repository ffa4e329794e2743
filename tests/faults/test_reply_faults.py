"""Faults of the reply's body: what a client's parser meets, in all three envelopes."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import pytest

from volcv_mock.faults import PICTURE, Draft, by_name
from volcv_mock.stages.render import chunks

IMAGE = bytes(range(256)) * 3
BASE64 = base64.b64encode(IMAGE)
HEADERS = (("Content-Type", "application/json; charset=utf-8"), ("X-Volcv-Mock-Call", "c1"))

SUCCESS = {
    "code": 10000,
    "data": {"algorithm_base_resp": {"status_code": 0, "status_message": "Success"}, "binary_data_base64": [PICTURE],
             "image_urls": [], "request_id": "a" * 64},
    "message": "Success",
    "request_id": "20251224134611E024A64B7B1C73D6622B",
    "status": 10000,
    "time_elapsed": "3.940519855s",
}  # fmt: skip
REFUSAL = {**SUCCESS, "code": 50411, "status": 50411, "data": None, "message": "Pre Img Risk Not Pass"}
GATEWAY = {"ResponseMetadata": {"RequestId": "1", "Error": {"CodeN": 100010, "Code": "SignatureDoesNotMatch"}}}
PROXY = {"error": {"message": "no", "type": "new_api_error", "code": ""}}


def applied(name: str, document: dict[str, Any] = SUCCESS) -> Draft:
    draft: Draft = by_name(name).apply(Draft(200, HEADERS, document, (BASE64,) if document is SUCCESS else ()))
    return draft


def body(draft: Draft) -> bytes:
    return b"".join(chunks(draft))


NAMES = ["malformed_json", "html_502", "missing_data", "extra_field", "wrong_type", "base64_newlines", "data_uri"]


@pytest.mark.parametrize("document", [SUCCESS, REFUSAL, GATEWAY, PROXY], ids=["success", "refusal", "gateway", "proxy"])
@pytest.mark.parametrize("name", NAMES)
def test_every_envelope_bears_every_fault_and_the_original_is_untouched(name: str, document: dict[str, Any]) -> None:
    before = json.dumps(document)

    assert body(applied(name, document))
    assert json.dumps(document) == before


def test_malformed_json_does_not_parse_and_has_the_whole_picture() -> None:
    text = body(applied("malformed_json"))

    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert BASE64 in text
    assert text + b"}" == body(Draft(200, HEADERS, SUCCESS, (BASE64,)))


def test_malformed_json_keeps_the_escapes_of_the_real_body() -> None:
    """The service writes & as an escape, and other characters as UTF-8."""
    document = {**REFUSAL, "message": "a & b \u2028 \u4e2d"}

    assert body(applied("malformed_json", document)) + b"}" == body(Draft(200, HEADERS, document))


def test_html_502_is_a_page_with_status_and_type_of_its_own() -> None:
    draft = applied("html_502")

    assert draft.status == 502
    assert dict(draft.headers) == {"Content-Type": "text/html", "X-Volcv-Mock-Call": "c1"}
    assert body(draft).startswith(b"<html>")


def test_missing_data_has_everything_but_data() -> None:
    answer = json.loads(body(applied("missing_data")))

    assert answer.keys() == SUCCESS.keys() - {"data"}
    assert json.loads(body(applied("missing_data", GATEWAY))) == {"ResponseMetadata": {"RequestId": "1"}}
    assert json.loads(body(applied("missing_data", PROXY))) == {}


def test_extra_field_adds_members_and_changes_none() -> None:
    answer = json.loads(body(applied("extra_field")))

    added = answer.keys() - SUCCESS.keys(), answer["data"].keys() - {*SUCCESS["data"]}  # type: ignore[misc]
    assert added == ({"x_unannounced"}, {"x_unannounced"})
    assert answer["data"]["binary_data_base64"] == [BASE64.decode()]


def test_wrong_type_turns_numbers_to_text_and_lists_to_their_first_element() -> None:
    answer = json.loads(body(applied("wrong_type")))

    assert (answer["code"], answer["status"]) == ("10000", "10000")
    assert answer["data"]["binary_data_base64"] == BASE64.decode()
    assert answer["data"]["image_urls"] == ""
    assert answer["data"]["algorithm_base_resp"]["status_code"] == "0"
    assert json.loads(body(applied("wrong_type", GATEWAY)))["ResponseMetadata"]["Error"]["CodeN"] == "100010"


def test_base64_newlines_pass_a_lenient_decoder_and_stop_a_strict_one() -> None:
    text = json.loads(body(applied("base64_newlines")))["data"]["binary_data_base64"][0]

    assert max(map(len, text.split("\n"))) == 76
    assert base64.b64decode(text) == IMAGE
    with pytest.raises(binascii.Error):
        base64.b64decode(text, validate=True)


def test_a_data_uri_stands_before_the_base64() -> None:
    text = json.loads(body(applied("data_uri")))["data"]["binary_data_base64"][0]

    assert text.partition(",")[0] == "data:image/jpeg;base64"
    assert base64.b64decode(text.partition(",")[2]) == IMAGE


@pytest.mark.parametrize("name", ["base64_newlines", "data_uri"])
def test_faults_of_base64_need_an_answer_with_base64(name: str) -> None:
    assert by_name(name).needs == "base64"
    assert applied(name, REFUSAL) == Draft(200, HEADERS, REFUSAL)
