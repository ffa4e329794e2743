"""Delivery under a foreign WSGI server: wait in its thread, then hand over the chunks.

The socket is out of reach there. A wire fault does the nearest thing possible, which is to cut the
connection in the middle of the answer, and says so in a header.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from volcv_mock.http.pieces import LENGTH_TOO_MUCH_BYTES, first_bytes, pieces_of
from volcv_mock.model import Delivered, Headers, Reply, WireFault

if TYPE_CHECKING:
    from volcv_mock.world import World

NOTE = "X-Volcv-Mock-Note"
_NEAREST = {
    "reset": "the connection is cut after one byte of the body; a TCP reset needs volcv-mock serve",
    "empty": "the connection is cut after one byte of the body; no byte at all needs volcv-mock serve",
    "hang": "after the time of the fault the connection is cut; a client that leaves is not noticed",
    "truncate": "the connection is cut after half the body; some servers end it otherwise",
    "bad_length": "Content-Length promises more than is sent; some servers mend or refuse that",
    "drip": "the head may wait for the first piece",
}


class CutOnPurpose(Exception):
    """Raised into the server in the middle of an answer, so that it closes the connection."""


class Carried:
    """A reply as the WSGI server takes it. `close` tells the world, once, how it ended."""

    def __init__(self, reply: Reply, world: World, arrived_s: float) -> None:
        self._reply = reply
        self._world = world
        self._arrived_s = arrived_s
        self._first_byte_at_s: float | None = None
        self._sent_bytes = 0
        self._ending: Literal["read_all", "left_early", "broken_on_purpose"] = "left_early"
        self._tell: Callable[[Reply, Delivered], None] | None = world.delivered

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Headers:
        """With the length that the body has, or that a fault pretends."""
        fault = self._reply.plan.wire
        length = self._reply.size_bytes + (LENGTH_TOO_MUCH_BYTES if fault and fault.name == "bad_length" else 0)
        note: Headers = ((NOTE, f"fault={fault.name} under this WSGI server: {_NEAREST[fault.name]}"),) if fault else ()
        return (*self._reply.headers, ("Content-Length", str(length)), *note)

    def wait(self) -> None:
        """Until the reply is due."""
        if self._reply.plan.delay_s > 0:
            self._wait_until(self._reply.due_at_s)

    def __iter__(self) -> Iterator[bytes]:
        fault = self._reply.plan.wire
        for chunk in self._broken(fault) if fault else self._reply.body:
            self._first_byte_at_s = self._first_byte_at_s or self._world.monotonic()
            self._sent_bytes += len(chunk)
            yield chunk
        self._ending = "broken_on_purpose" if fault else "read_all"

    def close(self) -> None:
        tell, self._tell = self._tell, None
        if tell:
            begun_at_s = self._first_byte_at_s or self._world.monotonic()
            tell(self._reply, Delivered(max(0.0, begun_at_s - self._arrived_s), self._ending, self._sent_bytes))

    def _broken(self, fault: WireFault) -> Iterator[bytes]:
        if fault.name == "drip":
            yield from self._dripped(fault.duration_s)
            return
        if fault.name == "hang":
            self._wait_until(self._reply.due_at_s + fault.duration_s)
        size = self._reply.size_bytes
        yield from first_bytes(self._reply.body, {"truncate": size // 2, "bad_length": size}.get(fault.name, 1))
        self._ending = "broken_on_purpose"
        raise CutOnPurpose(fault.name)

    def _dripped(self, duration_s: float) -> Iterator[bytes]:
        pieces = pieces_of(self._reply.body)
        for piece in pieces:
            time.sleep(duration_s / len(pieces))
            yield piece

    def _wait_until(self, due_at_s: float) -> None:
        clock, moved = self._world.clock(self._reply.scope), threading.Event()
        unsubscribe = clock.subscribe(moved.set)
        try:
            while (left_s := clock.remaining_s(due_at_s)) != 0:
                moved.wait(left_s)
                moved.clear()
        finally:
            unsubscribe()
