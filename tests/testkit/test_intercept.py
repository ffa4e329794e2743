"""Inside an intercept: what reaches the mock, what does not, and what each client sees of trouble on the wire."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore
import httpx
import pytest
import requests
import respx
import urllib3

from tests.testkit.clients import BASE, KEY, URL, by_httpx, by_requests
from volcv_mock import VolcvMock
from volcv_mock.delivery import intercept_time

QUERY = "?Action=CVProcess&Version=2022-08-31"


def raised(post: Any, *args: Any, **kwargs: Any) -> type[BaseException]:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        post(*args, **kwargs)
    return caught.type


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
def test_a_base_may_have_a_path_and_may_name_the_door(mock: VolcvMock, post: Any, body: Any, given: str) -> None:
    with mock.intercept(given) as volcv:
        reply = post(body, url=f"https://gw.example.com/ai/volcv/v1{QUERY}")

    assert reply.status_code == 200
    assert volcv.proxy_url.endswith("gw.example.com/ai/volcv/v1")


BAD_BASES = ["api.example.com", "//api.example.com", "ftp://api.example.com", "https://", "https://a:x", "https://h/?q"]


@pytest.mark.parametrize("given", BAD_BASES, ids=map(str, BAD_BASES))
def test_a_base_that_is_none_is_refused_with_an_example(mock: VolcvMock, given: Any) -> None:
    with pytest.raises(ValueError, match=r"such as 'https://api\.example\.com'"):
        mock.intercept(given)


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


def test_control_and_wrong_routes_answer_as_on_a_socket(intercepted: Any) -> None:
    assert httpx.get(f"{BASE}/_mock/health").status_code == 200
    assert httpx.get(URL).status_code == 405
    assert httpx.post(f"{BASE}/v1/images", headers=KEY).status_code == 404


def test_a_body_beyond_the_cap_is_refused(intercepted: Any) -> None:
    assert httpx.post(URL, content=b"x" * (16 * 2**20 + 1), headers=KEY).status_code == 413


# Trouble on the wire ------------------------------------------------------------------------------

WIRE = {
    "reset": ({"httpx": httpx.ReadError, "requests": requests.exceptions.ConnectionError}),
    "empty": ({"httpx": httpx.RemoteProtocolError, "requests": requests.exceptions.ConnectionError}),
    "truncate": ({"httpx": httpx.RemoteProtocolError, "requests": requests.exceptions.ChunkedEncodingError}),
    "bad_length": ({"httpx": httpx.RemoteProtocolError, "requests": requests.exceptions.ChunkedEncodingError}),
    "hang": ({"httpx": httpx.ReadTimeout, "requests": requests.exceptions.ReadTimeout}),
}


@pytest.mark.parametrize("fault", WIRE)
def test_a_wire_fault_raises_what_a_socket_would(intercepted: Any, post: Any, body: Any, fault: str) -> None:
    intercepted.fault(fault)

    error = raised(post, body)

    assert error is WIRE[fault]["requests" if post is by_requests else "httpx"]


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "bad_length"])
@pytest.mark.parametrize("client", [by_httpx, by_requests], ids=["httpx", "requests"])
def test_a_real_socket_raises_the_same(mock: VolcvMock, body: Any, fault: str, client: Any) -> None:
    """The two ways of delivery are held against each other."""
    mock.fault(fault)
    with mock.serve() as server:
        on_the_socket = raised(client, body, url=f"{server.proxy_url}{QUERY}")
    with mock.intercept(BASE):
        in_process = raised(client, body)

    assert in_process is on_the_socket


def test_the_error_text_counts_bytes_as_the_client_does(intercepted: Any, body: Any) -> None:
    intercepted.fault("truncate")

    with pytest.raises(httpx.RemoteProtocolError, match=r"received \d+ bytes, expected \d+"):
        by_httpx(body)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=r"IncompleteRead\(\d\d+ bytes read, \d\d+ more"):
        by_requests(body)


def test_headers_arrive_before_a_body_that_breaks(intercepted: Any, body: Any) -> None:
    intercepted.fault("truncate")

    with httpx.stream("POST", URL, json=body, headers=KEY) as reply:
        assert reply.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            reply.read()


def test_the_journal_tells_how_a_broken_answer_ended(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.fault("truncate")
    raised(post, body)

    call = intercepted.calls.last

    assert (call.client, call.wire, call.trouble) == ("broken_on_purpose", "truncate", ("truncate",))
    assert call.sent_bytes > 0


# Virtual time -------------------------------------------------------------------------------------


def test_a_delay_beyond_the_read_timeout_raises_the_clients_own_timeout_at_once(
    intercepted: Any, post: Any, body: Any
) -> None:
    intercepted.delay(10)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    error = raised(post, body, timeout=5)

    assert error in (httpx.ReadTimeout, requests.exceptions.ReadTimeout)
    assert intercepted.clock.now_s() - begun_s == pytest.approx(5)
    assert intercepted.calls.last.client == "left_early"


def test_a_delay_within_the_read_timeout_moves_the_clock_by_itself(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.delay(4)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    reply = post(body, timeout=5)

    assert reply.status_code == 200
    assert intercepted.clock.now_s() - begun_s == pytest.approx(4)
    assert intercepted.calls.last.elapsed_s == pytest.approx(4)


def test_a_drip_is_judged_by_its_gaps(intercepted: Any, post: Any, body: Any) -> None:
    """50 pieces in 100 s: no read waits longer than 2 s, so a timeout of 5 s never strikes."""
    intercepted.fault("drip", duration_s=100, times=1)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    assert post(body, timeout=5).json()["code"] == 10000
    assert intercepted.clock.now_s() - begun_s == pytest.approx(100, rel=0.1)

    intercepted.fault("drip", duration_s=1000)
    assert raised(post, body, timeout=5) in (httpx.ReadTimeout, requests.exceptions.ConnectionError)


def test_a_hang_shorter_than_the_patience_ends_without_an_answer(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.fault("hang", duration_s=30)

    error = raised(post, body, timeout=60)

    assert error in (httpx.RemoteProtocolError, requests.exceptions.ConnectionError)


def test_a_hang_without_a_timeout_names_the_missing_timeout(mock: VolcvMock, post: Any, body: Any) -> None:
    mock.fault("hang")

    with pytest.raises(AssertionError, match="no read timeout"), mock.intercept(BASE):
        post(body, timeout=None)


def test_a_missing_timeout_fails_the_block_even_when_the_app_swallows_it(mock: VolcvMock, body: Any) -> None:
    mock.fault("hang")

    def app() -> str:
        try:
            by_httpx(body, timeout=None)
        except Exception:
            return "fallback"
        return "picture"

    with pytest.raises(AssertionError, match=r"httpx\.Client\(timeout=30\)"), mock.intercept(BASE):
        assert app() == "fallback"


def test_coroutines_that_wait_together_do_not_add_up(intercepted: Any, body: Any) -> None:
    intercepted.delay(3)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    async def three() -> list[httpx.Response]:
        async with httpx.AsyncClient(timeout=5, headers=KEY) as client:
            return await asyncio.gather(*(client.post(URL, json={**body, "seed": seed}) for seed in (1, 2, 3)))

    replies = asyncio.run(three())

    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert intercepted.clock.now_s() - begun_s == pytest.approx(3)


def test_threads_that_wait_together_do_not_add_up(intercepted: Any, body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool of threads is how a synchronous app asks for three candidates."""
    monkeypatch.setattr(intercept_time, "SETTLE_S", 0.1)  # a busy machine is slow to start them
    intercepted.delay(3)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    with ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda seed: by_requests({**body, "seed": seed}, timeout=5), (1, 2, 3)))

    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert intercepted.clock.now_s() - begun_s == pytest.approx(3)


def test_calls_one_after_another_do_add_up(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.delay(3)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    post(body)
    post(body)

    assert intercepted.clock.now_s() - begun_s == pytest.approx(6)


def test_time_elapsed_in_the_answer_agrees_with_the_delay(intercepted: Any, post: Any, body: Any) -> None:
    intercepted.delay(3.5)

    assert post(body).json()["time_elapsed"].startswith("3.5")


def test_in_real_time_the_clock_can_still_be_moved_from_outside(mock: VolcvMock, body: Any) -> None:
    """Real time waits on the mock's clock, so moving it ends the wait: nothing sleeps here."""
    mock.delay(3600)
    with mock.intercept(BASE, real_time=True):
        waiting = threading.Thread(target=lambda: by_httpx(body, timeout=None))
        waiting.start()
        while waiting.is_alive():
            mock.clock.advance(3600)
            waiting.join(0.005)

    assert mock.calls.last.client == "read_all"


def test_in_real_time_a_bound_of_the_callers_own_strikes(mock: VolcvMock, body: Any) -> None:
    mock.fault("hang")

    async def bounded() -> None:
        async with httpx.AsyncClient(timeout=None, headers=KEY) as client:
            await asyncio.wait_for(client.post(URL, json=body), 0.05)

    with mock.intercept(BASE, real_time=True), pytest.raises(TimeoutError):
        asyncio.run(bounded())

    assert mock.calls.last.client == "left_early"


@pytest.mark.parametrize("how", ["time", "asyncio"])
def test_the_clients_own_sleeping_can_move_the_clock(mock: VolcvMock, how: str) -> None:
    import time

    mock.clock.freeze()
    begun_s = mock.clock.now_s()
    with mock.intercept(virtual_sleep=True):
        if how == "time":
            time.sleep(1000)
        else:
            assert asyncio.run(asyncio.sleep(1000, "done")) == "done"

    assert mock.clock.now_s() - begun_s == pytest.approx(1000)


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
    with pytest.raises(AssertionError, match=r"elsewhere\.example.*others='pass'"):
        get("https://elsewhere.example/", timeout=5)


@pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
@pytest.mark.parametrize("choice", ["refuse", "pass"])
def test_calls_to_this_machine_are_never_touched(mock: VolcvMock, get: Any, choice: Any) -> None:
    with VolcvMock().serve() as neighbour, mock.intercept(others=choice):
        assert get(f"{neighbour.base_url}/_mock/health", timeout=5).status_code == 200


@pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
def test_others_pass_goes_to_the_network(mock: VolcvMock, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    def no_network(host: Any, *_: Any, **__: Any) -> Any:
        looked_up.append(host)
        raise socket.gaierror("this test is offline")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    with mock.intercept(others="pass"), pytest.raises((httpx.ConnectError, requests.exceptions.ConnectionError)):
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
    assert [call.code for call in intercepted.calls] == [50429, 10000, 10000]


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

    assert requests.post(URL, data=upload, headers=headers, timeout=5).json()["code"] == 50200


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
