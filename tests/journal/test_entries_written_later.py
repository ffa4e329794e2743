"""Entries of calls whose answers wait are written in a pause of the server: whoever reads finds the same journal."""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any

import pytest

from benchmarks.serving import removal
from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered, Reply
from volcv_mock.journal.backlog import Backlog
from volcv_mock.journal.entries import Entry
from volcv_mock.model import RawRequest
from volcv_mock.service import answer_blocking
from volcv_mock.world import World

FROZEN_S = 1_700_000_000.0
PICTURE, OTHER_PICTURE = removal(64), removal(72)
AGAIN = json.dumps({**json.loads(PICTURE), "seed": -1}).encode()
LINK = json.dumps({**json.loads(PICTURE), "return_url": True}).encode()
PICTURES = json.loads(PICTURE)["binary_data_base64"]
WRONG_MASK = json.dumps({**json.loads(PICTURE), "binary_data_base64": [PICTURES[0], PICTURES[0]]}).encode()


class Served:
    """A world as a server has it: its journal is written in the pauses, of which there are none here."""

    def __init__(self, *, waits: bool) -> None:
        self.world = World(Settings(auth="off", latency="off", keep_bodies=1_000_000, requests_per_second=40.0))
        self.world.spans = None  # a tracer of another test
        self.world.clock().freeze(FROZEN_S)
        self.world.backlog = Backlog(self.world.gil_gate.released)  # without a clock: nothing becomes late
        self.world.backlog.is_open = waits

    def call(self, body: bytes, override: str = "delay=3s") -> Reply:
        headers = (("Host", "mock"), ("Authorization", "Bearer sk-a-secret-key"), ("Content-Type", "application/json"),
                   ("X-Volcv-Mock", override))  # fmt: skip
        query = "Action=CVProcess&Version=2022-08-31"
        return answer_blocking(RawRequest("proxy", "POST", "/volcv/v1", query, headers, body), self.world)

    def end(self, reply: Reply, ending: Any = "read_all") -> None:
        self.world.delivered(reply, Delivered(3.0, ending, 0 if ending == "left_early" else reply.size_bytes))

    def entries(self) -> tuple[Entry, ...]:
        return self.world.journal.entries()


def played(served: Served) -> Served:
    """Calls of every kind, some of which end while others wait."""
    replies = [
        served.call(PICTURE), served.call(PICTURE), served.call(b"{}"), served.call(OTHER_PICTURE),
        served.call(OTHER_PICTURE, "delay=0s"), served.call(AGAIN), served.call(AGAIN), served.call(LINK),
    ]  # fmt: skip
    served.end(replies[1])
    served.end(replies[0], "left_early")
    replies += [
        served.call(PICTURE, "delay=1s; fault=truncate"), served.call(PICTURE, "delay=1s; code=50412"),
        served.call(PICTURE, "delay=1s; fault=wrong_size"), served.call(WRONG_MASK), served.call(b"not JSON"),
        served.call(PICTURE, "delay=soon"), served.call(b'{"req_key":"i2i_inpainting"}', "delay=2s; code=50429"),
    ]  # fmt: skip
    for number, reply in enumerate(replies[2:]):
        served.end(reply, "timed_out" if number % 4 == 3 else "read_all")
    return served


def test_the_journal_is_that_of_a_mock_that_writes_at_once() -> None:
    at_once, later = played(Served(waits=False)), played(Served(waits=True))
    assert len(later.world.backlog) > 10

    found, wanted = later.entries(), at_once.entries()

    assert [each.to_dict() for each in found] == [each.to_dict() for each in wanted]
    roles = ("picture", "mask", "result")
    for each, role in itertools.product(found, roles):
        shown, expected = (one.world.journal.thumbnail(each.id, role) for one in (later, at_once))
        assert shown == expected
        kept, full = (one.world.full_pictures.get(each.id, role) for one in (later, at_once))
        assert kept == full


def test_a_retry_that_began_before_the_answer_says_so_whenever_it_is_written() -> None:
    served = Served(waits=True)
    first, second = served.call(PICTURE), served.call(PICTURE)
    served.end(first)
    third = served.call(PICTURE)
    served.end(second)
    served.end(third)

    _, again, last = served.entries()

    assert (again.retry or {})["waited_s"] is None
    assert (last.retry or {})["of"] == second.call_id


@pytest.mark.parametrize("body", [PICTURE, OTHER_PICTURE, WRONG_MASK], ids=["known", "new", "refused"])
def test_what_waits_holds_no_body(body: bytes) -> None:
    """Thousands may wait, each with its own."""
    served = Served(waits=True)
    served.end(served.call(PICTURE, "delay=0s"))
    served.call(b"{}")
    own = bytes(bytearray(body))
    before = sys.getrefcount(own)

    served.call(own)

    assert served.world.backlog.waits
    assert sys.getrefcount(own) == before
    assert len(served.entries()) == 3


@pytest.mark.parametrize("override", ["delay=0s", "code=50411"])
def test_an_answer_that_does_not_wait_is_written_at_once(override: str) -> None:
    """A log that is followed shows it; nobody reads the journal."""
    served = Served(waits=True)

    served.call(PICTURE, override)

    assert len(served.world.backlog) == 0
    assert len(served.world.state.journal.entries()) == 1
