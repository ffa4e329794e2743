"""One client's socket, seen by the greenlet that serves it: receive, send, wait, end.

Everything that blocks is bounded by a time. What a client sends ahead stays in `ahead`. `Gone` means
that the client left, `Slow` that it took too long; who calls decides what follows.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

from gevent import get_hub
from gevent.hub import Waiter

from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.simulation.clock import Clock

READ, WRITE = 1, 2
RECEIVE_BYTES = 262144
HEAD_BYTES = 2048
"""Little is read before a body is admitted: a crowd that waits its turn holds this much each."""

_ONE_SEND_BYTES = 16384
_LINGER_NOW = struct.pack("ii", 1, 0)
_KERNEL_TELLS = sys.platform == "linux"
_LAST_RECEIVED = slice(52, 56)
"""tcpi_last_data_recv in Linux's struct tcp_info: milliseconds."""
_TICK_MS = 10

Event = Literal["due", "ready", "moved"]


class Gone(Exception):
    """The client closed its end, or the network did."""


class Slow(Exception):
    """The client took longer than it may."""


class Channel:
    """A connection whose socket does not block. Used by one greenlet only."""

    __slots__ = ("_callbacks", "_empty_at_s", "_hub", "_socket", "ahead", "first_byte_at_s", "is_sending", "sent_bytes")

    def __init__(self, sock: socket.socket, callbacks: LoopCallbacks) -> None:
        self._socket = sock
        self._callbacks = callbacks
        self._hub = get_hub()
        self.ahead = b""
        self._empty_at_s = 0.0
        self.is_sending = False
        self.begin_answer()

    def begin_answer(self) -> None:
        """Count from here what is sent, and when."""
        self.sent_bytes = 0
        self.first_byte_at_s: float | None = None

    def receive(self, timeout_s: float) -> bytes:
        """Some bytes. Raises Gone at the end of the stream, Slow when none came in time."""
        data = self.receive_ready(HEAD_BYTES)
        if data is None:
            self._empty_at_s = time.monotonic()
            self.wait_readable(timeout_s)
            data = self.receive_ready(HEAD_BYTES)
        if not data:
            raise Gone
        return data

    def receive_ready(self, most_bytes: int = RECEIVE_BYTES) -> bytes | None:
        """What has arrived, None when nothing has, b"" at the end of the stream."""
        try:
            return self._socket.recv(most_bytes)
        except BlockingIOError:
            return None
        except OSError as error:
            raise Gone from error

    def unread_for_s(self) -> float:
        """At least how long the latest bytes have lain unread, or had when they were read; 0 where the system does
        not tell. Linux counts in ticks of up to 10 ms: one is taken off, so that no delay ends early."""
        is_fresh = time.monotonic() - self._empty_at_s <= _TICK_MS / 1000  # spares the question, which has its price
        if is_fresh or not _KERNEL_TELLS:
            return 0.0
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_RECEIVED.stop)
        except OSError:
            return 0.0
        return max(0, int.from_bytes(info[_LAST_RECEIVED], sys.byteorder) - _TICK_MS) / 1000

    def take_ahead(self, most_bytes: int) -> bool:
        """Keep what a client sends before its answer; False when that is enough. Raises Gone when it left."""
        data = self.receive_ready(most_bytes)
        if data == b"":
            raise Gone
        self.ahead += data or b""
        return len(self.ahead) < most_bytes

    def wait_readable(self, timeout_s: float) -> None:
        if self.pause(timeout_s) == "due":
            raise Slow

    def pause(self, seconds: float, *, reads: bool = True) -> Event:
        """Until the time is over, or bytes or the end of the stream arrived."""
        return self._pause(Waiter(self._hub), seconds, READ if reads else 0)

    def pause_on(self, clock: Clock, due_at_s: float, *, reads: bool = True) -> Event:
        """The same, until a moment of a scope's clock; "moved" when that clock was moved, frozen or resumed."""
        callbacks, waiter = self._callbacks, Waiter(self._hub)
        unsubscribe = clock.subscribe(lambda: callbacks.call_soon(waiter.switch, "moved"))
        try:  # read after subscribing, or a move in between would be lost
            return self._pause(waiter, clock.remaining_s(due_at_s), READ if reads else 0)
        finally:
            unsubscribe()

    def _pause(self, waiter: Any, seconds: float | None, wanted: int) -> Event:
        loop, watchers = self._hub.loop, []
        try:
            if seconds is not None:
                watchers.append(loop.timer(max(0.0, seconds)))
                watchers[-1].start(waiter.switch, "due", update=True)
            if wanted:
                watchers.append(loop.io(self._socket.fileno(), wanted))
                watchers[-1].start(waiter.switch, "ready")
            event: Event = waiter.get()
            return event
        finally:
            for watcher in watchers:
                watcher.stop()
                watcher.close()

    def send(self, chunks: Sequence[bytes], idle_s: float, total_s: float) -> None:
        """All chunks, without joining the large ones. Raises Gone, or Slow when the client does not read."""
        give_up_at = time.monotonic() + total_s
        pending = [memoryview(chunk) for chunk in chunks if chunk]
        if sum(map(len, pending)) <= _ONE_SEND_BYTES:
            pending = [memoryview(b"".join(pending))]
        self.is_sending = True
        try:
            while pending:
                self._send_some(pending, min(idle_s, give_up_at - time.monotonic()))
        finally:
            self.is_sending = False

    def _send_some(self, pending: list[memoryview], timeout_s: float) -> None:
        if timeout_s <= 0:
            raise Slow
        try:
            sent = self._socket.sendmsg(pending) if hasattr(socket.socket, "sendmsg") else self._socket.send(pending[0])
        except BlockingIOError:
            self._wait_writable(timeout_s)
            return
        except OSError as error:
            raise Gone from error
        self.first_byte_at_s = self.first_byte_at_s or time.monotonic()
        self.sent_bytes += sent
        while pending and sent >= len(pending[0]):
            sent -= len(pending.pop(0))
        if pending and sent:
            pending[0] = pending[0][sent:]

    def _wait_writable(self, timeout_s: float) -> None:
        if self._pause(Waiter(self._hub), timeout_s, WRITE) == "due":
            raise Slow

    def reset(self) -> None:
        """A real TCP RST: the socket is closed without lingering."""
        with suppress(OSError):  # the client was quicker
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOW)
        self.close()

    def linger(self, seconds: float) -> None:
        """Say that nothing follows, then read and drop for a while. A client still sending sees the answer
        instead of a reset (RFC 9112, 9.6)."""
        give_up_at = time.monotonic() + seconds
        with suppress(Gone, Slow, OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while self.pause(give_up_at - time.monotonic()) == "ready":  # lets others run between two reads
                if self.receive_ready() == b"":
                    return

    def close(self) -> None:
        self._socket.close()
