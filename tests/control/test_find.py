"""Finding calls: each filter of GET /_mock/calls, pages, scopes, archive and full pictures."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.control.control_client import message, send
from volcv_mock import VolcvMock
from volcv_mock.control.find import IS
from volcv_mock.wsgi.delivery import EndedOnPurpose

CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-of-nobody-at-all"}


@pytest.fixture(scope="module")
def mock() -> VolcvMock:
    return filled(VolcvMock(seed=7, keep_bodies=1_000_000))


def filled(mock: VolcvMock) -> VolcvMock:
    """Six calls: passed, refused, refused by a rule, lost, a ghost face, and one of another scope."""
    mock.clock.freeze(1_700_000_000.0)
    client = mock.app.test_client()

    def post(body: dict[str, Any], **headers: str) -> None:
        with suppress(EndedOnPurpose), client.post(CALL, json=body, headers=KEY | headers) as response:
            response.get_data()
        mock.clock.advance(10)

    edit = mock.body("i2i_inpainting_edit", custom_prompt="a Puppy at dusk")
    post(edit)
    post({**mock.body(), "seed": "7"})
    mock.fail(50429, times=1)
    post(edit)
    mock.fault("truncate", times=1)
    post(mock.body())
    mock.fault("ghost_face", times=1)
    post(mock.body())
    post(mock.body(), **{"X-Volcv-Mock-Scope": "other"})
    return mock


@pytest.fixture
def client(mock: VolcvMock) -> FlaskClient:
    return mock.app.test_client()


def found(client: FlaskClient, query: str, scope: str = "default") -> list[int]:
    return [call["number"] for call in send(client, "GET", f"/calls?{query}", scope=scope).get_json()["calls"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("is=passed", [1]),
        ("is=refused", [2, 3]),
        ("is=faulted", [3, 4, 5]),
        ("is=lost", [4]),
        ("is=waiting", []),
        ("is=retried", [3, 5]),
        ("status=400", [2]),
        ("status=4xx", [2, 3]),
        ("status=2XX", [1, 4, 5]),
        ("text=PUPPY", [1, 3]),
        ("text=ghost_face", [5]),
        ("text=%24.seed", [2]),
        ("text=+++", [1, 2, 3, 4, 5]),
        ("text=nothing+of+this", []),
        ("until=1700000020", [1, 2]),
        ("since=1700000020&until=2023-11-14T22:13:50Z", [3]),
        ("req_key=i2i_inpainting_edit&is=refused", [3]),
        ("code=201304", [5]),
        ("limit=2", [4, 5]),
    ],
)
def test_a_filter_finds_its_calls(client: FlaskClient, query: str, expected: list[int]) -> None:
    assert found(client, query) == expected


def test_pages_give_every_call_once_and_end(client: FlaskClient) -> None:
    seen: list[int] = []
    query = "limit=2"
    for _ in range(3):
        page = send(client, "GET", f"/calls?{query}").get_json()
        seen = [call["number"] for call in page["calls"]] + seen
        query = f"limit=2&before={page['calls'][0]['id']}"

    assert seen == [1, 2, 3, 4, 5]
    assert page["more"] is False


def test_nothing_is_older_than_a_call_that_is_gone(client: FlaskClient) -> None:
    assert found(client, f"before={'0' * 24}") == []


def test_the_attempts_at_one_request_are_found_by_its_digest(client: FlaskClient) -> None:
    digest = send(client, "GET", "/calls?limit=1&is=retried").get_json()["calls"][0]["attempt"]

    assert found(client, f"attempt={digest}") == [4, 5]


@pytest.mark.parametrize(
    ("query", "word"),
    [("is=lots", "lost"), ("status=6xx", "4xx"), ("status=20", "429"), ("before=7", "24 hex"), ("attempt=7", "32 hex"),
     ("until=later", "2026-01-31"), ("tex=a", "text")],
)  # fmt: skip
def test_a_bad_filter_names_what_is_permitted(client: FlaskClient, query: str, word: str) -> None:
    refused = send(client, "GET", f"/calls?{query}")

    assert refused.status_code == 400
    assert word in message(refused)


def test_every_kind_of_call_is_described(client: FlaskClient) -> None:
    document = client.get("/_mock/control.openapi.json").get_json()
    described = {each["name"]: each["description"] for each in document["paths"]["/_mock/calls"]["get"]["parameters"]
                 if each["in"] == "query"}  # fmt: skip

    assert all(word in described["is"] for word in IS)


def test_scopes_have_the_numbers_of_their_calls_and_rules(client: FlaskClient) -> None:
    scopes = {each["name"]: each for each in send(client, "GET", "/scopes").get_json()["scopes"]}

    assert (scopes["default"]["calls"], scopes["other"]["calls"]) == (5, 1)
    assert (scopes["default"]["rules"], scopes["other"]["rules"]) == (3, 0)


def test_about_names_what_rules_and_filters_can_name(client: FlaskClient) -> None:
    about = send(client, "GET", "/about").get_json()

    assert "i2i_inpainting" in about["req_keys"]
    assert {each["name"] for each in about["faults"]} >= {"reset", "ghost_face"}
    assert about["success"] in {each["code"] for each in about["codes"]}
    assert 0 < about["full_pictures"]["held_bytes"] <= about["full_pictures"]["budget_bytes"] == 1_000_000


def test_assumptions_are_listed(client: FlaskClient) -> None:
    rows = send(client, "GET", "/assumptions").get_json()["assumptions"]

    assert rows
    assert {"what", "value", "where"} <= set(rows[0])


def test_an_archive_has_the_calls_without_pictures_and_keys(client: FlaskClient) -> None:
    response = client.get("/_mock/calls.har?text=puppy")
    first = response.get_json()["log"]["entries"][0]

    assert [each["response"]["status"] for each in response.get_json()["log"]["entries"]] == [200, 429]
    assert first["request"]["url"].endswith(CALL)
    assert "a Puppy at dusk" in first["request"]["postData"]["text"]
    assert "<picture 64x64 PNG" in first["request"]["postData"]["text"]
    assert {"name": "Authorization", "value": "Bearer sk-***"} in first["request"]["headers"]
    assert "nobody" not in response.get_data(as_text=True)


def test_a_lost_answer_says_so_in_the_archive(client: FlaskClient) -> None:
    entry = client.get("/_mock/calls.har?is=lost").get_json()["log"]["entries"][0]

    assert entry["response"]["comment"] == "the client did not get this answer: truncate"
    content = entry["response"]["content"]
    assert (content["mimeType"], content["text"]) == ("x-unknown", "")


@pytest.mark.parametrize(
    ("role", "media_type"), [("picture", "image/png"), ("mask", "image/png"), ("result", "image/jpeg")]
)
def test_a_full_picture_is_what_was_sent_or_received(client: FlaskClient, role: str, media_type: str) -> None:
    call = client.get("/_mock/calls?is=passed").get_json()["calls"][0]["id"]

    response = client.get(f"/_mock/calls/{call}/full-picture?of={role}")

    assert (response.status_code, response.mimetype) == (200, media_type)


def test_a_mock_without_memory_for_full_pictures_says_how_to_get_them() -> None:
    mock = VolcvMock()
    client = mock.app.test_client()
    call = client.post(CALL, json=mock.body(), headers=KEY).headers["X-Volcv-Mock-Call"]

    refused = client.get(f"/_mock/calls/{call}/full-picture?of=mask")

    assert refused.status_code == 404
    assert "--keep-bodies" in message(refused)


def test_a_reset_drops_the_full_pictures() -> None:
    mock = VolcvMock(keep_bodies=1_000_000)
    mock.app.test_client().post(CALL, json=mock.body(), headers=KEY)

    mock.reset()

    assert mock.world.full_pictures.held_bytes == 0
