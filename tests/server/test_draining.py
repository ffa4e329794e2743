"""The end of a server that drains: what waits may leave, what is new learns that it should go elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.server.scripted import Mock, until
from volcv_mock import VolcvMock
from volcv_mock.config import Settings
from volcv_mock.telemetry.condition import SEVERAL_PROCESSES

Serve = Callable[..., Mock]
LONG_S = 1000.0


@contextmanager
def draining(mock: Mock, drain_s: float = LONG_S) -> Iterator[threading.Thread]:
    """The server ends as at SIGTERM while the block runs; leaving the block waits for its end."""
    mock.world.settings = Settings(drain_s=drain_s)
    ending = threading.Thread(target=mock.server.stop, kwargs={"drains": True})
    ending.start()
    assert until(lambda: mock.world.condition.phase == "draining")
    yield ending
    ending.join()


def test_an_answer_that_waits_still_leaves_and_tells_its_client_to_connect_anew(serve: Serve) -> None:
    mock = serve(drain_accept_s=0.01)
    with mock.client() as client:
        client.ask("delay=0.5")
        mock.world.wait_for(lambda: mock.world.computing)
        with draining(mock):
            status, headers, _ = client.answer()

        assert (status, headers["connection"], client.is_ended()) == (200, "close", True)
    assert mock.world.ending().ending == "read_all"


def test_it_accepts_for_a_moment_who_does_not_know_yet(serve: Serve) -> None:
    mock = serve(drain_accept_s=LONG_S)
    with mock.client() as known, draining(mock):
        with mock.client() as new:
            new.ask()
            assert new.answer()[1]["connection"] == "close"
        known.ask()
        assert known.answer()[1]["connection"] == "close"
        mock.server.state.callbacks.call_soon(mock.server._end)


def test_then_connections_without_a_call_are_closed(serve: Serve) -> None:
    mock = serve(drain_accept_s=0.01)
    with mock.client() as client, draining(mock):
        assert client.is_ended()


def test_the_drain_ends_when_its_time_is_over(serve: Serve) -> None:
    mock = serve(drain_accept_s=0.01)
    with mock.client() as client:
        client.ask("delay=1000")
        mock.world.wait_for(lambda: mock.world.computing)
        with draining(mock, drain_s=0.05):
            assert client.is_ended()

    assert mock.world.ending().ending == "shut_down"


def test_a_second_signal_ends_it_at_once(serve: Serve) -> None:
    mock = serve(drain_accept_s=0.01)
    with mock.client() as client:
        client.ask("delay=1000")
        mock.world.wait_for(lambda: mock.world.computing)
        with draining(mock):
            mock.server.state.callbacks.call_soon(mock.server._end)
            assert client.is_ended()


def test_without_a_time_to_drain_a_waiting_answer_is_closed_cleanly(mock: Mock) -> None:
    with mock.client() as client:
        client.ask("delay=1000")
        mock.world.wait_for(lambda: mock.world.computing)
        with draining_at_once(mock):
            assert client.is_ended()

    assert mock.world.ending().ending == "shut_down"


@contextmanager
def draining_at_once(mock: Mock) -> Iterator[None]:
    ending = threading.Thread(target=mock.server.stop, kwargs={"drains": True})
    ending.start()
    yield
    ending.join()


@pytest.mark.skipif(sys.platform != "linux", reason="neighbours are found on Linux only")
def test_two_servers_that_a_client_of_localhost_may_reach_both_warn() -> None:
    first, second = VolcvMock(), VolcvMock()
    with first.serve() as running:
        port = int(running.base_url.rpartition(":")[2])
        try:
            beside = second.serve("::1", port).start()
        except OSError as error:
            pytest.skip(f"no ::1 here: {error}")
        beside.stop()

        assert until(lambda: first.world.condition.warnings)

    assert first.world.condition.warnings == second.world.condition.warnings == [SEVERAL_PROCESSES]


def test_a_server_alone_at_its_address_warns_of_nothing() -> None:
    mock = VolcvMock()
    for _ in range(2):
        with mock.serve():
            pass

    assert mock.world.condition.warnings == []
