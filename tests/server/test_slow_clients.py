"""Who is slow is timed out, holds nothing that others need, and gets a clear answer where one is possible."""

import time

import pytest

from tests.server.scripted import WAIT_S

SLOTS = 4


def test_a_head_that_trickles_is_refused(serve):
    mock = serve(head_s=0.2, linger_s=0.05)
    with mock.client() as client:
        client.send(b"POST / HTTP/1.1\r\n")

        assert client.answer()[0] == 408
        assert client.is_ended()


def test_an_idle_connection_is_ended_without_a_word(serve):
    mock = serve(keep_alive_s=0.1)
    with mock.client() as fresh, mock.client() as used:
        used.ask()
        used.answer()

        assert fresh.is_ended()
        assert used.is_ended()


def test_a_body_that_stands_still_is_refused(serve):
    mock = serve(body_idle_s=0.1, linger_s=0.05)
    with mock.client() as client:
        client.ask(headers="Content-Length: 10\r\n", body=b"abc")

        assert client.answer()[0] == 408
        assert client.is_ended()


def test_a_body_that_trickles_is_refused_though_it_never_stands_still(serve):
    mock = serve(body_idle_s=5, body_total_s=0.2, linger_s=0.05)
    with mock.client() as client:
        client.ask(headers="Content-Length: 1000000\r\n")
        client.socket.settimeout(0.01)
        status = trickle(client)

    assert status == 408


def trickle(client) -> int:
    """Send a byte every 10 ms until an answer comes."""
    give_up_at = time.monotonic() + WAIT_S
    while time.monotonic() < give_up_at:
        client.send(b"x")
        try:
            return client.head()[0]
        except TimeoutError:
            continue
    raise AssertionError("no answer to a trickle")


def test_a_reader_that_takes_nothing_is_timed_out(serve):
    mock = serve(write_idle_s=0.1)
    with mock.client() as client:
        client.ask("size=20000000")

        assert mock.world.ending().ending == "timed_out"
        with pytest.raises(ConnectionResetError):
            client.rest()


def test_slow_senders_hold_no_slot(serve):
    """More stalled uploads than slots, and a quick client is served at once."""
    mock = serve(reading_at_once=SLOTS)
    slow = [mock.client() for _ in range(SLOTS * 5)]
    for client in slow:
        client.ask(headers="Content-Length: 100000\r\n", body=b"abc")

    with mock.client() as quick:
        quick.ask(body=b"x" * 1000)
        assert quick.answer()[2] == b'{"read":1000}'

    for client in slow:
        client.socket.close()


def test_quick_senders_that_stall_lose_their_slots_soon(serve):
    mock = serve(reading_at_once=SLOTS, upload_grace_s=0.05)
    slow = [mock.client() for _ in range(SLOTS * 3)]
    for client in slow:
        client.ask(headers="Content-Length: 1000000\r\n", body=b"x" * 100_000)

    with mock.client() as quick:
        quick.ask(body=b"x" * 1000)
        assert quick.answer()[2] == b'{"read":1000}'

    for client in slow:
        client.send(b"x" * 900_000)
        assert client.answer()[2] == b'{"read":1000000}'
        client.socket.close()


def test_no_more_requests_are_computed_at_once_than_there_are_slots(serve):
    mock = serve(reading_at_once=2)
    clients = [mock.client() for _ in range(6)]
    for client in clients:
        client.ask("gate=1", body=b"x" * 1000)
    mock.world.wait_for(lambda: mock.world.computing == 2)

    assert mock.server.state.slots.counter == 0
    mock.world.gate.set()
    assert [client.answer()[0] for client in clients] == [200] * 6
    for client in clients:
        client.socket.close()
