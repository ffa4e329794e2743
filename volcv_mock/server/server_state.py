"""What all connections of one server share, and the order in which they end when it stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

import gevent
from gevent.event import Event

from volcv_mock._util.frozen import mutable
from volcv_mock.delivery import Forward, Incoming, Reply
from volcv_mock.model import Problem, RawRequest
from volcv_mock.server.channel import Channel
from volcv_mock.server.forwarding import Forwarding
from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.server.workers import Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

KILL_S = 0.2


class Service(Protocol):
    """What a connection calls; the module volcv_mock.service is one.

    `answer` gives a Reply, a service.Fetch or a Forward; `finish` ends the latter.
    """

    @property
    def answer(self) -> Callable[[RawRequest, World], Any]:
        """`answer(raw, world)`: decide a request."""

    @property
    def finish(self) -> Callable[[Forward, Incoming, RawRequest, World], Reply]:
        """`finish(forward, incoming, raw, world)`: the reply made of the upstream's answer."""

    @property
    def refuse(self) -> Callable[[RawRequest, World, Problem], Reply]:
        """`refuse(raw, world, problem)`: the reply for a request that could not be read."""

    @property
    def refuse_control(self) -> Callable[[World, Problem], Reply]:
        """`refuse_control(world, problem)`: the reply for a call of the control API that could not be read."""

    @property
    def unwritten(self) -> Callable[[Reply, World, str], Reply]:
        """`unwritten(reply, world, why)`: the reply in place of one whose journal entry could not be written."""


class Client(Protocol):
    """A connection, as the server ends it."""

    greenlet: Any

    @property
    def is_busy(self) -> bool:
        """Whether a response is computed or sent; the others end first."""

    @property
    def is_answering(self) -> bool:
        """Whether a request was received whose response has not been sent; it may also wait."""


@mutable
class ServerState:
    """`slots` is the semaphore of requests being read and decided, `small_slots` that of those with a small body,
    None without a common state, `large_slots` that of those with a large one, None without an upstream; `environ` is
    the constant part of WSGI environs, `channel` makes the channel of an accepted socket."""

    world: World
    service: Service
    app: WSGIApplication
    timeouts: Timeouts
    max_body_bytes: int
    callbacks: LoopCallbacks
    workers: Workers
    fetchers: Workers
    forwarding: Forwarding
    slots: Any
    small_slots: Any
    large_slots: Any
    environ: dict[str, Any]
    channel: Callable[[Any, LoopCallbacks], Channel] = Channel
    connections: set[Client] = field(default_factory=set)
    is_closing: bool = False
    is_draining: bool = False
    _emptied: Any = field(default_factory=Event)

    def enter(self, connection: Client) -> None:
        """Add a connection. A server that is closing ends it at once."""
        if self.is_closing:
            raise gevent.GreenletExit
        self.connections.add(connection)

    def leave(self, connection: Client) -> None:
        """Remove a connection that has ended."""
        self.connections.discard(connection)
        if not self.connections:
            self._emptied.set()

    def end_idle(self) -> None:
        """End the connections that no call is on."""
        self._end([connection for connection in self.connections if not connection.is_answering])

    def wait_for_calls(self, seconds: float, ends_now: Any) -> None:
        """Until every call has its response, the time is over, or the event `ends_now` is set."""
        self._emptied.clear()
        if self.connections:
            gevent.wait((self._emptied, ends_now), timeout=seconds, count=1)

    def close(self) -> None:
        """End all connections: those that read or wait at once; those that compute or send may finish first."""
        self.is_closing = True
        self._end([connection for connection in self.connections if not connection.is_busy])
        self._wait(self.timeouts.shutdown_s)
        self._end(list(self.connections))
        self._wait(KILL_S)
        self.workers.stop()
        self.fetchers.stop()
        self.forwarding.close()
        self.callbacks.close()

    @staticmethod
    def _end(connections: list[Client]) -> None:
        for connection in connections:
            gevent.kill(connection.greenlet)
        gevent.sleep(0)  # they end in the next iteration of the loop

    def _wait(self, seconds: float) -> None:
        self._emptied.clear()
        if self.connections:
            self._emptied.wait(seconds)
