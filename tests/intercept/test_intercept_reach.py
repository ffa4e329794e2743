"""Inside an intercept: what reaches the mock, what does not, and what stands beside it, before it and after it."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
from http import HTTPMethod
from typing import Any

import httpcore
import httpx
import pytest
import requests
import respx
import urllib3

from tests.helpers.clients import BASE, KEY, QUERY, URL, by_httpx, by_requests
from volcv_mock import VolcvMock


@pytest.mark.parametrize(
    "url",
    [
        f"https://visual.volcengineapi.com/{QUERY}",
        f"http://visual.volcengineapi.com/{QUERY}",
        f"https://visual.volcengineapi.com:443/{QUERY}",
        f"{BASE}/volcv/v1{QUERY}",
        f"http://api.example.com/volcv/v1{QUERY}",
        f"{BASE}/volcv/v1/{QUERY}",
    ],
    ids=["official", "official, plain http", "official, with its port", "proxy", "proxy, plain http", "trailing slash"],
)
def test_calls_to_our_places_reach_the_mock(mock: VolcvMock, post: Any, body: Any, url: str) -> None:
    with VolcvMock(auth="off").intercept(BASE) as volcv:
        reply = post(body, url=url)

    assert reply.json()["code"] == 10000
    assert volcv.calls.last.scheme == url.split(":")[0]


@pytest.mark.parametrize(
    "given", ["https://gw.example.com/ai", "https://gw.example.com/ai/", "http://gw.example.com/ai/volcv/v1"]
)
def test_a_base_may_have_a_path_and_may_name_the_endpoint(mock: VolcvMock, post: Any, body: Any, given: str) -> None:
    with mock.intercept(given) as volcv:
        reply = post(body, url=f"https://gw.example.com/ai/volcv/v1{QUERY}")

    assert reply.status_code == 200
    assert volcv.proxy_url.endswith("gw.example.com/ai/volcv/v1")


BAD_BASES = ["api.example.com", "//api.example.com", "ftp://api.example.com", "https://", "https://a:x", "https://h/?q"]


@pytest.mark.parametrize("given", BAD_BASES, ids=map(str, BAD_BASES))
def test_a_base_that_is_none_is_refused_with_an_example(mock: VolcvMock, given: Any) -> None:
    with pytest.raises(ValueError, match=r"such as 'https://api\.example\.com'"):
        mock.intercept(given)


@pytest.mark.parametrize("place", ["u:{}@h", ":{}@h", "u:{}/x@h", "h:{}x", "h/?key={}"])
def test_a_refused_base_is_shown_without_its_password(mock: VolcvMock, place: str) -> None:
    with pytest.raises(ValueError, match="proxy base") as refused:
        mock.intercept(f"https://{place.format('s3cret')}")

    assert place == "h:{}x" or "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_code_arrives_with_its_status_and_envelope(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.fail(50411)

    reply = post(body)

    assert (reply.status_code, reply.json()["code"], reply.json()["data"]) == (400, 50411, None)


def test_the_picture_link_of_an_answer_can_be_fetched_until_it_expires(intercepted: Any, body: Any) -> None:
    link = by_httpx({**body, "return_url": True}).json()["data"]["image_urls"][0]

    fresh, by_other_client = httpx.get(link), requests.get(link, timeout=5)
    intercepted.clock.advance(86400)
    old = httpx.get(link)

    assert link.startswith(BASE)
    assert fresh.headers["content-type"] == "image/jpeg"
    assert fresh.content == by_other_client.content
    assert old.status_code == 403


def test_pictures_of_an_async_call_are_fetched_beside_the_event_loop(monkeypatch: Any) -> None:
    mock, fetched_by = VolcvMock(image_urls="stand-in"), []
    fetch = mock.world.fetch

    def noted(urls: Any, trace: Any) -> Any:
        fetched_by.append(threading.current_thread())
        return fetch(urls, trace)

    monkeypatch.setattr(mock.world, "fetch", noted)
    named = {"req_key": "i2i_inpainting", "image_urls": ["https://a.example/a.jpg", "https://a.example/mask.png"]}

    async def call() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.post(URL, json=named, headers=KEY)).status_code

    with mock.intercept(BASE):
        status = asyncio.run(call())

    assert status == 200
    assert len(fetched_by) == 1
    assert fetched_by[0] is not threading.main_thread()


def test_control_and_wrong_routes_answer_as_on_a_socket(intercepted: Any) -> None:
    assert httpx.get(f"{BASE}/_mock/health").status_code == 200
    assert httpx.get(URL).status_code == 404
    assert httpx.put(URL).status_code == 405
    assert httpx.post(f"{BASE}/v1/images", headers=KEY).status_code == 404


def test_a_body_beyond_the_cap_is_refused(intercepted: Any) -> None:
    assert httpx.post(URL, content=b"x" * (16 * 2**20 + 1), headers=KEY).json()["code"] == 50213


# Beside others ------------------------------------------------------------------------------------


def test_routes_of_your_own_stand_beside_ours_and_go_first(intercepted: Any, body: Any) -> None:
    chat = intercepted.router.post(f"{BASE}/v1/chat").respond(json={"said": "hello"})

    said = httpx.post(f"{BASE}/v1/chat").json()
    reply = by_httpx(body)

    assert (said, reply.status_code, chat.call_count) == ({"said": "hello"}, 200, 1)


def test_assert_all_called_looks_at_your_routes_only(mock: VolcvMock, body: Any) -> None:
    with mock.intercept(BASE) as volcv:
        volcv.router.get("https://cdn.example.com/a.jpg").respond(200)
        httpx.get("https://cdn.example.com/a.jpg")

    opened = mock.intercept(BASE).start()
    opened.router.get("https://cdn.example.com/a.jpg").respond(200)
    by_httpx(body)
    with pytest.raises(AssertionError, match="not called"):
        opened.stop()


def test_a_respx_router_of_your_own_may_be_open_too(intercepted: Any, body: Any) -> None:
    with respx.mock() as own:
        own.get("https://cdn.example.com/a.jpg").respond(204)

        assert httpx.get("https://cdn.example.com/a.jpg").status_code == 204
        assert by_httpx(body).status_code == 200


@pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
def test_calls_to_elsewhere_are_refused_with_a_way_out(intercepted: Any, get: Any) -> None:
    with pytest.raises(AssertionError, match=r"elsewhere\.example.*unmatched='pass_through'"):
        get("https://elsewhere.example/", timeout=5)


@pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
@pytest.mark.parametrize("policy", ["refuse", "pass_through"])
def test_calls_to_this_machine_are_never_touched(mock: VolcvMock, get: Any, policy: Any) -> None:
    with VolcvMock().serve() as neighbour, mock.intercept(unmatched=policy):
        assert get(f"{neighbour.base_url}/_mock/health", timeout=5).status_code == 200


@pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
@pytest.mark.parametrize("option", [{"unmatched": "pass_through"}, {"others": "pass"}], ids=["new name", "old name"])
def test_an_unmatched_request_that_passes_through_goes_to_the_network(
    mock: VolcvMock, get: Any, option: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []

    def no_network(host: Any, *_: Any, **__: Any) -> Any:
        looked_up.append(host)
        raise socket.gaierror("this test is offline")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    with mock.intercept(**option), pytest.raises((httpx.ConnectError, requests.exceptions.ConnectionError)):
        get("http://elsewhere.example/", timeout=1)

    assert "elsewhere.example" in str(looked_up[0])


def test_responses_of_your_own_let_ours_through_when_told(intercepted: Any, body: Any) -> None:
    """`responses` stands above our seam: what it passes on reaches the mock."""
    import responses

    with responses.RequestsMock() as own:
        own.add_passthru(BASE)
        own.get("https://cdn.example.com/a.jpg", status=204)

        assert requests.get("https://cdn.example.com/a.jpg", timeout=5).status_code == 204
        assert by_requests(body).status_code == 200


def test_an_environment_with_a_proxy_changes_nothing(
    intercepted: Any, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")

    assert by_requests(body).status_code == 200
    assert by_requests(body, url=URL.replace("https", "http")).status_code == 200
    assert by_httpx(body).status_code == 200


def test_retries_of_urllib3_are_the_clients_own(intercepted: Any, body: Any) -> None:
    session = requests.Session()
    retry = urllib3.Retry(total=3, status_forcelist=[429], allowed_methods=None, backoff_factor=0)
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
    intercepted.sequence(50429, "reset", None)

    reply = session.post(URL, json=body, headers=KEY, timeout=5)

    assert reply.json()["code"] == 10000
    assert [call.code for call in intercepted.calls] == [50429, None, 10000]


def test_a_method_named_by_an_enumeration_is_served(intercepted: Any, body: Any) -> None:
    answer = urllib3.PoolManager().request(HTTPMethod.POST, URL, json=body, headers=KEY)

    assert answer.json()["code"] == 10000


def test_bare_urllib3_and_httpcore_are_served_too(intercepted: Any, body: Any) -> None:
    by_urllib3 = urllib3.PoolManager().request("POST", URL, json=body, headers=KEY)
    with httpcore.ConnectionPool() as pool:
        by_httpcore = pool.request("GET", f"{BASE}/_mock/health")

    assert by_urllib3.json()["code"] == 10000
    assert by_httpcore.status == 200


UPLOADS = {"bytes": b"{}", "bytearray": bytearray(b"{}"), "str": "{}", "chunks": iter([b"{", b"}"])}


@pytest.mark.parametrize("upload", UPLOADS.values(), ids=UPLOADS)
def test_every_kind_of_upload_arrives(intercepted: Any, upload: Any) -> None:
    headers = {**KEY, "Content-Type": "application/json"}

    assert requests.post(URL, data=upload, headers=headers, timeout=5).json()["code"] == 50201


# Opening and closing ------------------------------------------------------------------------------


def test_an_intercept_inside_an_intercept_is_refused(intercepted: Any) -> None:
    with pytest.raises(RuntimeError, match=r"one of https://visual\.volcengineapi\.com, https://api\.example\.com is"):
        VolcvMock().intercept(BASE).start()


def test_nothing_stays_replaced_after_the_block(mock: VolcvMock) -> None:
    import time

    def replaceable() -> tuple[Any, ...]:
        pool = urllib3.connectionpool.HTTPConnectionPool
        return (httpcore.ConnectionPool.handle_request, pool._make_request, time.sleep, asyncio.sleep)

    before = replaceable()
    with mock.intercept(BASE, virtual_sleep=True):
        assert not set(before) & set(replaceable())

    assert replaceable() == before


def test_an_intercept_can_be_opened_again(mock: VolcvMock, body: Any) -> None:
    opened = mock.intercept(BASE)
    for _ in range(2):
        with opened:
            assert by_httpx(body).status_code == 200


def test_an_async_block_works_as_well(mock: VolcvMock, body: Any) -> None:
    async def go() -> int:
        async with mock.intercept(BASE), httpx.AsyncClient(headers=KEY) as client:
            return (await client.post(URL, json=body)).status_code

    assert asyncio.run(go()) == 200


@pytest.mark.parametrize(
    ("options", "permitted"),
    [({"others": "ignore"}, "refuse, pass"), ({"real_time": True, "virtual_sleep": True}, "one of them")],
    ids=["others", "two kinds of time"],
)
def test_a_wrong_option_is_refused_with_the_permitted_ones(mock: VolcvMock, options: Any, permitted: str) -> None:
    with pytest.raises(ValueError, match=permitted):
        mock.intercept(**options)


def test_a_router_is_there_only_while_the_intercept_is_open(mock: VolcvMock) -> None:
    with pytest.raises(RuntimeError, match="open one with"):
        _ = mock.router


LACKING = {
    "httpx without respx": ({"respx"}, "httpx is installed and respx is not"),
    "no client at all": ({"httpx", "urllib3"}, "nothing to intercept: install one of httpx, urllib3"),
}


@pytest.mark.parametrize(("lacking", "told"), LACKING.values(), ids=LACKING)
def test_a_client_that_would_slip_past_is_refused(
    mock: VolcvMock, monkeypatch: pytest.MonkeyPatch, lacking: set[str], told: str
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in lacking else real(name))

    with pytest.raises(RuntimeError, match=told):
        mock.intercept().start()


def test_requests_alone_needs_no_respx(mock: VolcvMock, body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    lacking = {"httpx", "respx"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in lacking else real(name))

    with mock.intercept(BASE) as volcv:
        assert by_requests(body).status_code == 200
        with pytest.raises(RuntimeError, match="respx is not installed"):
            _ = volcv.router
