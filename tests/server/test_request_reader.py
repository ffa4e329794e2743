"""How much of a request is received before it has a place: little, when its body would have to wait."""

from __future__ import annotations

import random

import pytest
from gevent.lock import Semaphore

from volcv_mock.http.framing import BadHttp
from volcv_mock.server.channel import HEAD_BYTES, RECEIVE_BYTES, Gone
from volcv_mock.server.request_reader import LARGE_BYTES, Slot, read_body, read_head
from volcv_mock.server.timeouts import Timeouts

CAP = 10_000_000


class Sent:
    """A channel on which all of this has arrived; `asked` is how much was received at most, each time."""

    def __init__(self, data: bytes) -> None:
        self.ahead = b""
        self.left = data
        self.asked: list[int] = []

    def receive(self, timeout_s: float, most_bytes=lambda: HEAD_BYTES) -> bytes:
        data = self.receive_ready(most_bytes())
        if not data:
            raise Gone
        return data

    def receive_ready(self, most_bytes: int) -> bytes:
        self.asked.append(most_bytes)
        data, self.left = self.left[:most_bytes], self.left[most_bytes:]
        return data


def sent(body: bytes, after: bytes = b"") -> Sent:
    return Sent(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body + after)


def received(channel: Sent, slot: Slot, cap_bytes: int = CAP) -> bytes:
    head = read_head(channel, Timeouts(), slot)
    assert head
    return read_body(channel, head, slot, Timeouts(), cap_bytes)


@pytest.mark.parametrize("size", [1, HEAD_BYTES, 100_000, RECEIVE_BYTES, LARGE_BYTES])
def test_a_request_with_a_free_place_is_received_whole_as_soon_as_it_is_there(size):
    body = random.Random(size).randbytes(size)
    channel, slot = sent(body), Slot(Semaphore(1))

    assert received(channel, slot) == body
    assert channel.asked[0] == RECEIVE_BYTES
    assert size >= RECEIVE_BYTES or len(channel.asked) == 1
    assert slot.is_large == (size >= LARGE_BYTES)


@pytest.mark.parametrize("size", [1, HEAD_BYTES, 100_000])
def test_of_a_request_without_a_free_place_little_is_received(size):
    places, channel = Semaphore(1), sent(b"x" * size)
    places.acquire()

    head = read_head(channel, Timeouts(), Slot(places))

    assert head
    assert channel.asked == [HEAD_BYTES]


def test_where_large_bodies_need_a_second_place_little_is_received():
    channel = sent(b"x" * 100_000)

    read_head(channel, Timeouts(), Slot(Semaphore(1), Semaphore(1)))

    assert channel.asked == [HEAD_BYTES]


def test_what_follows_a_body_is_left_for_the_next_request():
    slot = Slot(Semaphore(1))
    channel = sent(b"first", after=sent(b"second").left)

    assert received(channel, slot) == b"first"
    assert received(channel, slot) == b"second"
    assert (channel.ahead, len(channel.asked)) == (b"", 1)


def test_a_body_that_came_with_its_head_is_still_too_large():
    with pytest.raises(BadHttp) as refused:
        received(sent(b"x" * 101), Slot(Semaphore(1)), cap_bytes=100)

    assert refused.value.problem.rule == "body_too_large"
