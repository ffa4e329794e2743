"""Connections killed at every moment leave nothing behind: no greenlet, no socket, no slot, no thread."""

import gc
import os
import random
import threading

import pytest
from greenlet import greenlet

from tests.server.scripted import until

KILLS = 50
HEAD = " HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n\r\nabc"


def at_once(mock, client, before) -> None:
    """Nothing to wait for: the request is not whole."""


def once_computing(mock, client, before) -> None:
    mock.world.wait_for(lambda: mock.world.computing > before)


def once_answered(mock, client, before) -> None:
    client.head()


MOMENTS = {
    "before the head": ("", at_once),
    "in the head": ("POST /?size=1 HTT", at_once),
    "in the upload": ("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 100000\r\n\r\n" + "x" * 40_000, at_once),
    "in a chunk": ("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nxxx", at_once),
    "while it is computed": ("POST /?gate=1" + HEAD, once_computing),
    "while it waits": ("POST /?delay=3600" + HEAD, once_computing),
    "in the answer": ("POST /?size=9000000" + HEAD, once_answered),
    "in a drip": ("POST /?fault=drip&seconds=60" + HEAD, once_answered),
    "in a hang": ("POST /?fault=hang" + HEAD, once_computing),
}


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def living_greenlets() -> int:
    gc.collect()
    return sum(isinstance(each, greenlet) and not each.dead for each in gc.get_objects())


def kill(mock, text: str, reached, resets: bool) -> None:
    """Connect, come as far as `reached` says, and leave."""
    before, client = mock.world.computing, mock.client()
    mock.world.gate.clear()
    client.send(text.encode())
    reached(mock, client, before)
    client.reset() if resets else client.socket.close()
    mock.world.gate.set()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
def test_nothing_is_left_of_hundreds_of_killed_connections(mock):
    with mock.client() as client:
        client.ask()
        client.answer()
    assert until(mock.settled)
    files, greenlets = open_files(), living_greenlets()
    chance = random.Random(11)

    for text, reached in chance.sample([*MOMENTS.values()] * KILLS, KILLS * len(MOMENTS)):
        kill(mock, text, reached, resets=chance.random() < 0.5)

    assert until(mock.settled)
    assert until(lambda: open_files() <= files)
    assert until(lambda: living_greenlets() <= greenlets)
    with mock.client() as client:
        client.ask()
        assert client.answer()[0] == 200


@pytest.mark.parametrize(("text", "reached"), MOMENTS.values(), ids=MOMENTS.keys())
def test_a_server_stopped_in_the_middle_leaves_nothing(serve, text, reached):
    mock = serve(shutdown_s=0.2)
    client = mock.client()
    client.send(text.encode())
    reached(mock, client, 0)
    mock.server.stop()
    mock.world.gate.set()

    assert mock.settled()
    assert until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("volcv-mock")])
    client.socket.close()
