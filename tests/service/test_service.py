"""service.answer: every request gets a reply, or names the pictures to fetch first. It never waits and never raises."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from volcv_mock import contract, pipeline, service
from volcv_mock.config import Settings
from volcv_mock.delivery import Reply
from volcv_mock.http.response import LAST_RESORT
from volcv_mock.model import Fetched, RawRequest
from volcv_mock.world import World

QUERY = "Action=CVProcess&Version=2022-08-31"


@pytest.fixture
def world() -> World:
    return World(Settings(auth="off"))


def request(method: str = "POST", path: str = "/", body: bytes = b"{}", **more: object) -> RawRequest:
    headers = (("Host", "mock"), ("Content-Type", "application/json"))
    return RawRequest("official", method, path, QUERY, headers, body, **more)


def answered(raw: RawRequest, world: World) -> Reply:
    found = service.answer(raw, world)
    assert isinstance(found, Reply)
    return found


def header(reply: Reply, name: str) -> str | None:
    return dict(reply.headers).get(name)


@pytest.mark.parametrize(
    ("raw", "rule", "is_open"),
    [
        (request("GET"), "method_not_allowed", True),
        (request("HEAD", "/volcv/v1"), "method_not_allowed", True),
        (request(path="/v1/images"), "route_unknown", False),
        (request("OPTIONS", "/v1/images"), "route_unknown", False),
        (request(path="/volcv%2Fv1", route="/volcv/v1"), "req_key_missing", True),
        (request(path="/fake/volcv/v1", route="/volcv/v1", base_path="/fake"), "req_key_missing", True),
    ],
    ids=["wrong method", "HEAD", "unknown route", "preflight elsewhere", "decoded route", "mounted"],
)
def test_a_refusal_has_its_row_and_cors_headers_at_an_endpoint(
    world: World, raw: RawRequest, rule: str, is_open: bool
) -> None:
    reply = answered(raw, world)

    assert reply.status == contract.row_for_rule(rule).http_status
    assert (header(reply, "Access-Control-Allow-Origin") == "*") is is_open
    assert world.journal.last().id == reply.call_id


def test_a_preflight_has_no_body_and_no_journal_entry(world: World) -> None:
    reply = answered(request("OPTIONS"), world)

    assert (reply.status, reply.body, reply.arrival) == (204, (), 0)
    assert len(world.journal) == 0


def test_a_body_over_the_limit_is_refused_without_being_read(world: World) -> None:
    reply = answered(request(body=b"x" * (service.body_limit_bytes() + 1)), world)

    assert reply.status == contract.row_for_rule("body_too_large").http_status
    assert world.journal.last().body_bytes == 0


def test_pictures_named_by_url_are_fetched_by_the_transport(world: World) -> None:
    urls = ["http://127.0.0.1:1/a.jpg", "http://127.0.0.1:1/b.png"]
    raw = request(body=json.dumps({"req_key": "i2i_inpainting", "image_urls": urls}).encode())

    first = service.answer(raw, world)
    second = service.answer(replace(raw, fetched={url: Fetched(b"no picture") for url in urls}), world)

    assert first == service.Fetch(tuple(urls))
    assert isinstance(second, Reply)
    assert len(world.journal) == 1


def test_an_exception_becomes_the_500_of_the_service(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "handle", lambda raw, world: 1 / 0)

    reply = answered(request(), world)

    assert reply.status == 500
    assert b"ZeroDivision" not in b"".join(reply.body)
    assert world.journal.last().row == contract.row_for_rule("internal").id


def test_an_exception_while_refusing_leaves_a_fixed_reply(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "handle", lambda raw, world: 1 / 0)
    monkeypatch.setattr(pipeline, "refuse", lambda raw, world, problem: 1 / 0)

    reply = answered(request(), world)

    assert (reply.status, reply.body) == (500, (LAST_RESORT,))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_in_a_browser_leads_to_the_console(world: World, method: str) -> None:
    """Relative: below /fake/ it leads to /fake/_mock/."""
    page = replace(request(method), query="", headers=(("Host", "mock"), ("Accept", "text/html,*/*;q=0.8")))

    reply = answered(page, world)

    assert (reply.status, header(reply, "Location"), reply.call_id) == (302, "_mock/", "")


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_the_root_for_a_client_of_the_api_is_refused_as_json(world: World, accept: str) -> None:
    assert answered(replace(request("GET"), headers=(("Accept", accept),)), world).status == 405
