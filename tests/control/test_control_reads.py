"""Control API: what it returns about itself, calls and pictures, and which requests it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from tests.control.control_client import DOCUMENT, filled, message, send
from tests.helpers.calls import NOW_S, entry
from volcv_mock.config import Settings
from volcv_mock.control.parsing import MAX_BODY_BYTES
from volcv_mock.control.route import Route
from volcv_mock.control.routes import ROUTES
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

DAY_S = 86_400


def test_health_says_that_the_mock_is_up(client: FlaskClient) -> None:
    assert send(client, "GET", "/health").get_json()["status"] == "ok"


def test_the_service_is_described_without_the_control_api(client: FlaskClient) -> None:
    """A client generated from the service's document must not contain control endpoints."""
    assert list(send(client, "GET", "/openapi.json").get_json()["paths"]) == ["/", "/volcv/v1"]


def test_the_control_api_describes_itself(client: FlaskClient, world: World) -> None:
    described = send(client, "GET", "/control.openapi.json").get_json()

    served = {
        (rule.rule, method) for rule in create_app(world).url_map.iter_rules() for method in rule.methods or ()
        if rule.rule.startswith("/_mock") and method != "HEAD"
    }  # fmt: skip
    paths = {
        (path.replace("{", "<").replace("}", ">"), method.upper())
        for path, each in described["paths"].items() for method in each
    }  # fmt: skip
    assert paths == served


def test_every_schema_of_the_document_is_sound() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_calls_of_a_scope_are_listed_oldest_first(client: FlaskClient, world: World) -> None:
    filled(world)

    assert [call["number"] for call in send(client, "GET", "/calls").get_json()["calls"]] == [1, 2]
    assert [call["number"] for call in send(client, "GET", "/calls", scope="other").get_json()["calls"]] == [3]
    assert [call["number"] for call in send(client, "GET", "/calls", scope="*").get_json()["calls"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("req_key=i2i_inpainting", [1, 2]),
        ("req_key=other", []),
        ("code=50411", [2]),
        (f"since={NOW_S + 0.5}", [2]),
        ("since=2023-11-14T22:13:21Z", [2]),
        ("since=2023-11-15", []),
        ("since=20231114T221321Z", [2]),
        ("limit=1", [2]),
        ("code=10000&limit=5", [1]),
    ],
)
def test_calls_are_filtered(client: FlaskClient, world: World, query: str, expected: list[int]) -> None:
    filled(world)

    assert [call["number"] for call in send(client, "GET", f"/calls?{query}").get_json()["calls"]] == expected


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit=0", "from 1 to 1000"),
        ("limit=1001", "from 1 to 1000"),
        ("limit=x", "limit"),
        ("limit=１", "limit"),
        ("lmit=1", "Did you mean 'limit'?"),
        ("since=yesterday", "the id of a call"),
        ("since=2026-02-30", "since"),
        ("since=", "since"),
    ],
)
def test_a_bad_filter_is_refused_with_what_is_permitted(client: FlaskClient, query: str, word: str) -> None:
    response = send(client, "GET", f"/calls?{query}")

    assert response.status_code == 400
    assert word in message(response)


def test_the_calls_after_one_are_listed_by_its_id(client: FlaskClient, world: World) -> None:
    ids = ["868ffad4421165c9d6ef5847", "0123456789abcdef01234567"]
    for number, call_id in enumerate(ids, 1):
        world.journal.open(replace(entry(number), id=call_id))

    assert [call["id"] for call in send(client, "GET", f"/calls?since={ids[0]}").get_json()["calls"]] == ids[1:]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_unknown_parameters_and_bodies_are_refused_and_never_ignored(client: FlaskClient, route: Route) -> None:
    """A client that sends ?scope=t1 instead of the header, or a rule id in a body, gets an error."""
    path = "/_mock" + route.path.replace("<", "").replace(">", "")
    if route.access != "guarded":
        return

    named = client.open(f"{path}?scope=t1", method=route.method)
    with_body = client.open(path, method=route.method, json={"id": "rule-1"}) if route.method != "GET" else named

    assert (named.status_code, with_body.status_code) == (400, 400)
    assert "'scope'" in message(named)


@pytest.mark.parametrize("body", [None, {}], ids=["nothing", "an empty object"])
def test_an_endpoint_without_a_body_accepts_an_empty_one(client: FlaskClient, body: Any) -> None:
    assert send(client, "POST", "/reset", body).status_code == 200


def test_one_call_is_returned_in_full(client: FlaskClient, world: World) -> None:
    filled(world)

    call = send(client, "GET", "/calls/default-call-1").get_json()

    assert (call["client"], call["delay_s"], call["thumbnails"]) == ("read_all", 0.5, ["result", "picture", "mask"])
    assert send(client, "GET", "/calls/never").status_code == 404


def test_a_call_returns_its_thumbnails(client: FlaskClient, world: World) -> None:
    filled(world)

    shown = {
        of: send(client, "GET", f"/calls/default-call-1/picture?of={of}").data for of in ("picture", "mask", "result")
    }

    assert len(set(shown.values())) == 3
    assert send(client, "GET", "/calls/default-call-1/picture").data == shown["result"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/calls/default-call-2/picture", 404, "no thumbnail of its result"),
        ("/calls/default-call-1/picture?of=msk", 400, "Did you mean 'mask'?"),
        ("/calls/default-call-1/picture?off=mask", 400, "Did you mean 'of'?"),
        ("/calls/never/picture", 404, "no such call"),
    ],
)
def test_a_picture_that_is_not_there_is_refused(
    client: FlaskClient, world: World, path: str, status: int, word: str
) -> None:
    filled(world)

    response = send(client, "GET", path)

    assert (response.status_code, word in message(response)) == (status, True)


def test_calls_are_removed_by_scope(client: FlaskClient, world: World) -> None:
    filled(world)

    assert send(client, "DELETE", "/calls").get_json() == {"removed": 2}
    assert send(client, "DELETE", "/calls", scope="*").get_json() == {"removed": 1}


def picture_link(world: World, scope: str = "default", data: bytes = b"jpeg") -> str:
    expires_at_s = world.clock(scope).now_s() + DAY_S
    world.pictures.put("0a" * 16, data, expires_at_s, scope)
    return world.pictures.url("", "0a" * 16, expires_at_s)


def test_a_picture_is_served_until_its_link_expires_by_the_clock_of_its_scope(
    client: FlaskClient, world: World
) -> None:
    link = picture_link(world, "t1")

    fresh = client.get(link)
    send(client, "POST", "/clock/advance", {"seconds": DAY_S}, scope="t1")
    late = client.get(link)

    assert (fresh.status_code, fresh.mimetype, fresh.data) == (200, "image/jpeg", b"jpeg")
    assert (late.status_code, "expired" in message(late)) == (403, True)


def test_a_changed_link_an_evicted_picture_and_an_unknown_picture_have_different_statuses(world: World) -> None:
    client, link = create_app(world).test_client(), picture_link(world)
    small = World(Settings(seed=7, pictures_bytes=10))
    early = picture_link(small, data=b"longer than that")

    answers = (client.get(link + "0"), create_app(small).test_client().get(early), client.get(link.replace("0a", "0b")))
    stranger = World(Settings(seed=7))
    stranger.clock().freeze(world.clock().now_s())  # a common state has a clock of its own, by which the link was made
    unknown = create_app(stranger).test_client().get(link)

    assert [response.status_code for response in (*answers, unknown)] == [403, 410, 403, 404]


@pytest.mark.parametrize(
    "path", ["/_mock/images/..%2f.jpeg", "/_mock/images/a.png", "/_mock/images/.jpeg", "/_mock/nope"]
)
def test_an_unknown_path_is_refused_as_json(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code in (403, 404)
    assert response.is_json


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe\xfd", "application/json", 400),
        (b'{"seconds": NaN}', "application/json", 400),
        (b'{"seconds": 1e999}', "application/json", 400),
        (b'{"seconds": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b" " * (MAX_BODY_BYTES + 1), "application/json", 413),
        (b'{"seconds": 1}', "text/plain", 415),
        (b'{"seconds": 1}', "", 415),
        (b"seconds=1", "application/x-www-form-urlencoded", 415),
    ],
    ids=["cut", "not text", "NaN", "infinity", "digits", "nesting", "long", "text", "no type", "form"],
)
def test_a_bad_body_is_refused_and_never_breaks_anything(
    client: FlaskClient, data: bytes, content_type: str, status: int
) -> None:
    response = client.post("/_mock/clock/advance", data=data, headers={"Content-Type": content_type})

    assert response.status_code == status
    assert "message" in response.get_json()["error"]


@pytest.mark.parametrize("scope", ["with blank", "a" * 129, "ä", "**", ""])
def test_a_scope_that_is_no_name_is_refused(client: FlaskClient, scope: str) -> None:
    response = client.get("/_mock/calls", headers={"X-Volcv-Mock-Scope": scope})

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/_mock/health"), ("OPTIONS", "/_mock/calls"), ("PATCH", "/_mock/clock")]
)
def test_another_method_is_refused_as_json(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(path, method=method)

    assert (response.status_code, response.is_json) == (405, True)


def test_a_head_request_is_answered_without_a_body(client: FlaskClient) -> None:
    response = client.head("/_mock/health")

    assert (response.status_code, response.data) == (200, b"")


def test_what_a_client_sent_travels_as_ascii_json(client: FlaskClient, world: World) -> None:
    world.journal.open(entry(body={"custom_prompt": "<script>\ud800\u2028é"}))

    response = send(client, "GET", "/calls")

    assert response.data.isascii()
    assert json.loads(response.data)["calls"][0]["parameters"]["custom_prompt"] == "<script>\ud800\u2028é"
