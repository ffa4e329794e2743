"""GET /_mock/events: one event for each change, on a socket for as long as the client listens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from flask.testing import FlaskClient

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock
from volcv_mock._util.changes import Changes
from volcv_mock.http.event_stream import EventStream
from volcv_mock.world import World

WAIT_S = 20.0


@pytest.fixture
def served() -> Iterator[VolcvMock]:
    with VolcvMock(drain_s=0.01).serve() as mock:
        yield mock


@contextmanager
def listening(mock: VolcvMock) -> Iterator[Iterator[str]]:
    address = f"{mock.base_url}/_mock/events"
    with httpx.stream("GET", address, trust_env=False, timeout=WAIT_S) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        yield response.iter_text()


def change(mock: VolcvMock) -> None:
    """A rule that is added, and removed again."""
    with httpx.Client(base_url=f"{mock.base_url}/_mock", trust_env=False, timeout=DEADLINE_S) as client:
        client.post("/faults", json={"code": 50411}).raise_for_status()
        client.delete("/faults").raise_for_status()


def test_an_event_has_the_number_of_the_last_change_and_nothing_more() -> None:
    changes = Changes()
    changes.touch()

    assert EventStream(changes).event() == b'retry: 1000\nid: 1\nevent: change\ndata: {"revision": 1}\n\n'


def test_where_a_transport_cannot_stream_there_is_one_event(client: FlaskClient, world: World) -> None:
    """A listener would hold a thread of the WSGI server; the client asks again after `retry`."""
    first = client.get("/_mock/events")
    client.post("/_mock/faults", json={"code": 50411})

    assert first.mimetype == "text/event-stream"
    assert client.get("/_mock/events").get_data(as_text=True) != first.get_data(as_text=True)
    assert world.changes.listeners == 0


def test_a_listener_hears_a_change_when_it_happens(served: VolcvMock) -> None:
    with listening(served) as events:
        first = next(events)
        change(served)

        assert next(events) != first


def test_a_call_is_heard_when_it_is_decided_and_when_it_is_over(served: VolcvMock) -> None:
    before = served.world.changes.revision
    call = f"{served.base_url}/volcv/v1?Action=CVProcess&Version=2022-08-31"

    with listening(served) as events:
        next(events)
        httpx.post(
            call, json=served.body(), headers={"Authorization": "Bearer sk-any"}, trust_env=False, timeout=DEADLINE_S
        )
        next(events)

    assert served.world.changes.revision >= before + 1


def test_many_listeners_hold_no_worker(served: VolcvMock) -> None:
    """There are as many workers as processors, and one more: each listener would take one."""
    address = (served.base_url.split("//")[1].split(":")[0], int(served.base_url.rsplit(":", 1)[1]))
    listeners = [socket.create_connection(address, WAIT_S) for _ in range(40)]
    try:
        for each in listeners:
            each.sendall(b"GET /_mock/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        heads = [each.recv(4096) for each in listeners]
        change(served)
    finally:
        for each in listeners:
            each.close()

    assert all(head.startswith(b"HTTP/1.1 200 OK\r\n") for head in heads)
    assert not [each for each in threading.enumerate() if "event" in each.name]


def test_a_server_that_stops_ends_the_stream_as_it_ends_a_response() -> None:
    with ExitStack() as running:
        mock = running.enter_context(VolcvMock().serve())
        with listening(mock) as events:
            next(events)
            running.close()

            assert list(events) == []


def test_a_listener_needs_the_token() -> None:
    client = VolcvMock(control_token="a-token-for-tests").app.test_client()

    assert client.get("/_mock/events").status_code == 401
    assert client.get("/_mock/events", headers={"X-Volcv-Mock-Token": "a-token-for-tests"}).status_code == 200
