"""Delivery under any WSGI server: wait in the server's thread, then hand over the body.

WSGI gives no access to the socket. A wire fault does the nearest thing possible, which is to end the connection in the
middle of the response, and a header says what differs (http/playback.py has the table).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from volcv_mock.delivery import Delivered, Reply
from volcv_mock.http.playback import WIRE_FAULTS, first_bytes, playback_of
from volcv_mock.model import Headers, RawRequest

if TYPE_CHECKING:
    from volcv_mock.world import World

NOTE = "X-Volcv-Mock-Note"


class EndedOnPurpose(Exception):
    """Raised into the WSGI server in the middle of a response, so that it closes the connection."""


class WsgiBody:
    """The body of a reply, as an iterable for the WSGI server. How the delivery ended is reported once: when the server
    has taken the last chunk, because some clients in process never close, or when it closes before."""

    def __init__(self, reply: Reply, world: World, raw: RawRequest) -> None:
        self._reply = reply
        self._world = world
        self._arrived_s = raw.arrived.monotonic_s if raw.arrived else world.monotonic()
        self._playback = playback_of(reply, raw.method)
        self._first_byte_at_s: float | None = None
        self._sent_bytes = 0
        self._ending: Literal["read_all", "left_early", "broken_on_purpose"] = "left_early"
        self._report: Callable[[Reply, Delivered], None] | None = world.delivered

    @property
    def headers(self) -> Headers:
        """The headers of the reply, Content-Length, and what differs from the fault on a socket."""
        length, fault = self._playback.length, self._reply.plan.wire
        framing: Headers = () if length is None else (("Content-Length", str(length)),)
        if fault is None:
            return (*self._reply.headers, *framing)
        note = f"fault={fault.name} under this WSGI server: {WIRE_FAULTS[fault.name].limits['wsgi']}"
        return (*self._reply.headers, *framing, (NOTE, note))

    def wait(self) -> None:
        """Until the reply is due."""
        if self._reply.plan.delay_s > 0:
            self._wait_until(self._reply.due_at_s)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks():
            self._begin()
            self._sent_bytes += len(chunk)
            yield chunk
        self._begin()  # the server sends the head of a response without a body now
        self._ending = "read_all" if self._playback.is_whole else "broken_on_purpose"
        self.close()
        if self._playback.ending != "complete" and self._sent_bytes != self._playback.length:
            raise EndedOnPurpose

    def close(self) -> None:
        """Report the delivery to the journal, if it is not reported yet."""
        report, self._report = self._report, None
        if report:
            ended_at_s, has_head = self._world.monotonic(), self._first_byte_at_s is not None
            begun_at_s = self._first_byte_at_s or ended_at_s
            delay_s, sending_s = max(0.0, begun_at_s - self._arrived_s), ended_at_s - begun_at_s
            report(self._reply, Delivered(delay_s, self._ending, self._sent_bytes, has_head, sending_s))

    def _begin(self) -> None:
        self._first_byte_at_s = self._first_byte_at_s or self._world.monotonic()

    def _chunks(self) -> Iterator[bytes]:
        if not self._playback.has_head:
            yield from self._instead_of_nothing()
        for step in self._playback.steps:
            if step.pause_s:
                time.sleep(step.pause_s)
            yield from step.chunks

    def _instead_of_nothing(self) -> Sequence[bytes]:
        """WSGI servers always send a status line; one byte of the body makes them send it now."""
        self._wait_until(self._reply.due_at_s + self._playback.hang_s)
        return first_bytes(self._reply.body, 1)

    def _wait_until(self, due_at_s: float) -> None:
        clock, moved = self._world.clock(self._reply.scope), threading.Event()
        unsubscribe = clock.subscribe(moved.set)
        try:
            while (left_s := clock.remaining_s(due_at_s)) != 0:
                moved.wait(left_s)
                moved.clear()
        finally:
            unsubscribe()
