"""Inside an intercept: what each client sees of wire faults, and how it waits in virtual time."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests

from tests.helpers.clients import BASE, KEY, QUERY, URL, by_httpx, by_requests
from volcv_mock import VolcvMock


def raised(post: Any, *args: Any, **kwargs: Any) -> type[BaseException]:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        post(*args, **kwargs)
    return caught.type


# Faults on the wire -------------------------------------------------------------------------------

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

    assert (call.client, call.wire, call.injection) == ("broken_on_purpose", "truncate", ("truncate",))
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
    """50 pieces in 100 s: no read waits longer than 2 s, so a timeout of 5 s never expires."""
    intercepted.fault("drip", duration_s=100, times=1)
    intercepted.clock.freeze()
    begun_s = intercepted.clock.now_s()

    assert post(body, timeout=5).json()["code"] == 10000
    assert intercepted.clock.now_s() - begun_s == pytest.approx(100, rel=0.1)

    intercepted.fault("drip", duration_s=1000)
    assert raised(post, body, timeout=5) in (httpx.ReadTimeout, requests.exceptions.ConnectionError)


def test_a_hang_shorter_than_the_timeout_ends_without_an_answer(intercepted: Any, post: Any, body: Any) -> None:
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
    monkeypatch.setattr("volcv_mock.intercept.virtual_time.SETTLE_S", 0.1)  # a busy machine is slow to start them
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


def test_in_real_time_a_timeout_of_the_caller_itself_expires(mock: VolcvMock, body: Any) -> None:
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
