"""What a client's socket sees of each wire fault."""

import time
from contextlib import suppress

import pytest

SIZE = 5001


@pytest.mark.parametrize("delay", ["0", "0.05"], ids=["at once", "after a delay"])
def test_a_reset_is_a_real_rst(mock, delay):
    """ECONNRESET at the first read, not an orderly end."""
    with mock.client() as client:
        client.ask(f"fault=reset&delay={delay}")

        with pytest.raises(ConnectionResetError):
            client.socket.recv(1)

    assert mock.world.ending().ending == "broken_on_purpose"


def test_an_empty_answer_ends_in_order_without_a_byte(mock):
    with mock.client() as client:
        client.ask("fault=empty")

        assert client.is_ended()

    assert mock.world.ending().sent_bytes == 0


def test_a_truncated_answer_has_its_full_length_and_half_its_bytes(mock):
    with mock.client() as client:
        client.ask(f"fault=truncate&size={SIZE}")
        _, headers = client.head()

        assert headers["content-length"] == str(SIZE)
        assert len(client.rest()) == SIZE // 2


def test_a_bad_length_promises_more_than_the_whole_body(mock):
    with mock.client() as client:
        client.ask(f"fault=bad_length&size={SIZE}")
        _, headers = client.head()

        assert int(headers["content-length"]) > SIZE
        assert len(client.rest()) == SIZE


def test_a_drip_sends_the_head_before_its_time_begins(mock):
    with mock.client() as client:
        client.ask(f"fault=drip&seconds=100000&size={SIZE}")

        assert client.head()[0] == 200
        assert client.received == b""


def test_a_drip_sends_the_body_over_its_time(mock):
    began_at = time.monotonic()
    with mock.client() as client:
        client.ask(f"fault=drip&seconds=0.3&size={SIZE}")
        body = client.answer()[2]

    assert len(body) == SIZE
    assert time.monotonic() - began_at >= 0.3


def test_a_drip_ends_after_its_last_piece(mock):
    """A pause before a retry begins there."""
    with mock.client() as client:
        client.ask(f"fault=drip&seconds=0.3&size={SIZE}")
        client.answer()

    facts = mock.world.ending()
    assert facts.sending_s > 0
    assert facts.ended_after_s >= 0.3


def test_a_client_that_leaves_a_drip_is_noticed(mock):
    with mock.client() as client:
        client.ask(f"fault=drip&seconds=60&size={SIZE}")
        client.head()

    assert mock.world.ending().ending == "left_early"


def test_a_hang_ends_without_a_byte_when_its_time_is_over(mock):
    with mock.client() as client:
        client.ask("fault=hang&seconds=0.1")

        assert client.is_ended()

    ending = mock.world.ending()
    assert ending.ending == "broken_on_purpose"
    assert ending.delay_s >= 0.1  # nothing was sent, so nothing counts as the first byte


def test_a_hang_ends_when_the_client_leaves(mock):
    with mock.client() as client:
        client.ask("fault=hang")
        mock.world.wait_for(lambda: mock.world.computing)
        time.sleep(0.05)

    ending = mock.world.ending()
    assert ending.ending == "left_early"
    assert ending.delay_s >= 0.05


def test_advancing_the_clock_ends_a_hang(mock):
    """120 s of the scope's clock, not of the wall's."""
    with mock.client() as client:
        client.ask("fault=hang")
        mock.world.wait_for(lambda: mock.world.computing)
        mock.world.delays.advance(121)

        assert client.is_ended()


def test_a_fault_ends_a_connection_that_asked_to_stay(mock):
    with mock.client() as client:
        client.ask("fault=drip&seconds=0.01")
        _, headers, _ = client.answer()

        assert headers["connection"] == "close"
        assert client.is_ended()


def test_the_next_client_is_served_after_every_fault(mock):
    for fault in ("reset", "empty", "truncate", "bad_length", "drip", "hang"):
        with mock.client() as client:
            client.ask(f"fault={fault}&seconds=0.01")
            with suppress(OSError):
                client.rest()

    with mock.client() as client:
        client.ask()

        assert client.answer()[0] == 200
