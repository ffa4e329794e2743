"""Entries of answers that wait are written together, and always before the first byte."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.helpers.redis_server import RedisServer
from tests.server.scripted import until
from tests.state.test_one_mock import CALL, KEY
from volcv_mock import VolcvMock
from volcv_mock.delivery import Delivered
from volcv_mock.state.redis import openings

Ask = Callable[..., httpx.Response]


@contextmanager
def client(mock: VolcvMock) -> Iterator[Ask]:
    """Asks the mock on a socket for an answer with a delay."""
    with mock.serve() as server, httpx.Client(base_url=server.base_url, trust_env=False, timeout=30) as http:
        body = mock.body()

        def ask(delay: str = "1ms", **headers: str) -> httpx.Response:
            return http.post(CALL, json=body, headers={**KEY, "X-Volcv-Mock": f"delay={delay}", **headers})

        yield ask


@pytest.fixture
def refusing(redis_server: RedisServer, make: Any) -> Iterator[Callable[[VolcvMock, bool], None]]:
    """Lets Redis refuse what opens an entry, and nothing that counts a call."""
    made: list[VolcvMock] = []

    def refuse(mock: VolcvMock, refuses: bool) -> None:
        made.append(mock)
        mock.world.state.connections.command("ACL", "SETUSER", "default", f"{'-' if refuses else '+'}hset")

    yield refuse
    for mock in made[:1]:
        refuse(mock, False)


def in_thread(work: Callable[[], httpx.Response]) -> Callable[[], httpx.Response]:
    """Begins some work; gives what waits for its result."""
    found: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()

    def joined() -> httpx.Response:
        thread.join()
        return found[0]

    return joined


def test_who_has_an_answer_finds_its_call_in_every_process(redis_server: RedisServer, make: Any) -> None:
    url = redis_server.url()
    a, b = make(state=url), make(state=url)

    with client(a) as ask:
        for _ in range(5):
            answer = ask()
            [call] = b.world.state.journal.entries(limit=1)
            assert (call.id, call.code) == (answer.headers["X-Volcv-Mock-Call"], 10000)

    retries = [call.retry["of"] for call in b.calls[1:]]
    assert retries == [call.id for call in b.calls[:-1]]
    assert until(lambda: all(call.client == "read_all" for call in b.calls))


def test_slots_of_small_bodies_are_given_back(redis_server: RedisServer, make: Any) -> None:
    mock = make(state=redis_server.url())
    with mock.serve() as server, httpx.Client(base_url=server.base_url, trust_env=False, timeout=30) as http:
        state = server._server.state
        codes = [http.post(CALL, json=mock.body(**more), headers=KEY).json()["code"] for more in
                 ({}, {"custom_prompt": "x" * 20_000})]  # fmt: skip
        slots = [(each.counter, most) for each, most in ((state.slots, 16), (state.small_slots, 48))]

    assert codes == [10000, 10000]
    assert [counter for counter, _ in slots] == [most for _, most in slots]


def test_an_entry_that_redis_refuses_turns_the_answer_into_503(
    redis_server: RedisServer, make: Any, refusing: Callable[[VolcvMock, bool], None]
) -> None:
    mock = make(state=redis_server.url(), in_flight=1)
    with client(mock) as ask:
        first = ask()
        refusing(mock, True)
        refused = [ask(), ask()]  # the slot of the first is free again: no 50430
        refusing(mock, False)
        last = ask()

    assert [each.status_code for each in (first, *refused, last)] == [200, 503, 503, 200]
    for each in refused:
        assert each.json()["error"]["type"] == "mock"
        assert "the state of this mock cannot be reached: " in each.headers["X-Volcv-Mock-Reason"]
        assert each.headers["Access-Control-Allow-Origin"] == "*"
    assert [call.id for call in mock.calls] == [each.headers["X-Volcv-Mock-Call"] for each in (first, last)]
    assert mock.world.state.journal.waiting == 0


def test_redis_dies_before_an_entry_is_written_and_after(make: Any) -> None:
    server = RedisServer()
    try:
        mock = make(state=server.url())
        with client(mock) as ask:
            written = in_thread(lambda: ask("150ms"))
            assert until(lambda: mock.calls)
            mock.world.state._openings._gather_s = 60.0
            gathered = in_thread(lambda: ask("1ms"))
            assert until(lambda: mock.world.state._openings._pending)
            server.stop()
            mock.world.state._openings.flush_if_any()

            assert gathered().status_code == 503
            assert written().json()["code"] == 10000
    finally:
        server.close()


def test_a_client_that_leaves_before_its_entry_is_written(redis_server: RedisServer, make: Any) -> None:
    mock = make(state=redis_server.url())
    journal = mock.world.state.journal
    gathered: list[Any] = []
    journal._openings.add = lambda *added: gathered.append(added)
    with client(mock) as ask:
        answer = in_thread(lambda: ask("1ms"))
        assert until(lambda: gathered)
        [(arrival, _)] = journal._in_flight.items()
        journal.close(arrival, Delivered(0.5, "left_early"))

        del journal._openings.add
        journal._openings.add(*gathered[0])
        answer()

    assert [call.client for call in mock.calls] == ["left_early"]


class Broken:
    """Connections that fail in a way that nobody foresaw."""

    def run(self, calls: Any, *, keeps_refusals: bool) -> list[Any]:
        raise KeyError("on purpose")


def test_no_answer_waits_for_ever_whatever_fails() -> None:
    heard: list[tuple[Any, str]] = []
    made = openings.Openings(Broken())  # type: ignore[arg-type]

    made.add([("open", ())], lambda found, why: heard.append((found, why)))
    made.add([("open", ())], lambda found, why: [].index(0))  # a listener that fails does not end the thread
    made.flush_if_any()
    made.add([("open", ())], lambda found, why: heard.append((found, why)))
    made.close()

    assert heard == [([None], "KeyError")] * 2
