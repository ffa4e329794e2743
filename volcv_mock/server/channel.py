"""One client's socket, as the greenlet that serves it uses it: receive, send, wait, end.

Everything that blocks has a time limit. Bytes that a client pipelines stay in `ahead`. `Gone` means that the client
closed the connection, `Slow` that it took too long.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

from gevent import get_hub
from gevent.hub import Waiter

from volcv_mock._util.changes import Changes
from volcv_mock.delivery import Writing
from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.simulation.clock import Clock

READ, WRITE = 1, 2
RECEIVE_BYTES = 262144
HEAD_BYTES = 2048
"""Little is read before a body is admitted: thousands of connections that wait hold this much each."""

_ONE_SEND_BYTES = 16384
_LINGER_NOW = struct.pack("ii", 1, 0)
_FINISH_READS = 16
_SENDS_MANY = hasattr(socket.socket, "sendmsg")  # not on Windows

Event = Literal["due", "ready", "moved"]


class Gone(Exception):
    """The client closed the connection, or the network did."""


class Slow(Exception):
    """The client took longer than its time limit."""


class HandshakeFailed(Exception):
    """No encrypted connection came about; the message says why."""


class Channel:
    """A connection whose socket does not block. Used by one greenlet only."""

    __slots__ = ("_callbacks", "_hub", "_socket", "_watchers", "ahead", "first_byte_at_s", "is_sending",
                 "sent_bytes")  # fmt: skip

    def __init__(self, sock: socket.socket, callbacks: LoopCallbacks) -> None:
        self._socket = sock
        self._callbacks = callbacks
        self._hub = get_hub()
        self.ahead = b""
        self._watchers: dict[int, Any] = {}
        self.is_sending = False
        self.begin_answer()

    def begin_answer(self) -> None:
        """Reset the count of sent bytes and the time of the first one."""
        self.sent_bytes = 0
        self.first_byte_at_s: float | None = None

    def shake_hands(self, timeout_s: float) -> None:
        """Nothing: the connection is not encrypted (server/tls.py)."""

    def receive(self, timeout_s: float, most_bytes: Callable[[], int] = lambda: HEAD_BYTES) -> bytes:
        """Some bytes, `most_bytes()` at most. Raises Gone at the end of the stream, Slow when none came in time."""
        data = None if self.sent_bytes else self.receive_ready(most_bytes())
        if data is None:  # after an answer nothing has arrived yet, and each vain try lets go of the interpreter's lock
            if self._pause(Waiter(self._hub), timeout_s, READ) == "due":  # as wait_readable: each call counts here
                raise Slow
            data = self.receive_ready(most_bytes())
        if not data:
            raise Gone
        return data

    def receive_ready(self, most_bytes: int = RECEIVE_BYTES) -> bytes | None:
        """The bytes that have arrived, None when none have, b"" at the end of the stream."""
        try:
            return self._socket.recv(most_bytes)
        except BlockingIOError:
            return None
        except OSError as error:
            raise Gone from error

    def take_ahead(self, most_bytes: int) -> bool:
        """Keep what a client sends before its response; False at the limit. Raises Gone when the client left."""
        data = self.receive_ready(most_bytes)
        if data == b"":
            raise Gone
        self.ahead += data or b""
        return len(self.ahead) < most_bytes

    def wait_readable(self, timeout_s: float) -> None:
        """Wait until bytes can be received. Raises Slow after `timeout_s`."""
        if self.pause(timeout_s) == "due":
            raise Slow

    def pause(self, seconds: float, *, reads: bool = True) -> Event:
        """Wait until the time is over ("due"), or until bytes or the end of the stream arrived ("ready")."""
        return self._pause(Waiter(self._hub), seconds, READ if reads else 0)

    def pause_on(self, clock: Clock, due_at_s: float, *, reads: bool = True) -> Event:
        """The same until a moment of a scope's clock; "moved" when that clock was moved, frozen or resumed."""
        callbacks, waiter = self._callbacks, Waiter(self._hub)
        unsubscribe = clock.subscribe(lambda: callbacks.call_soon(waiter.switch, "moved"))
        try:  # read after subscribing, or a move in between would be lost
            return self._pause(waiter, clock.remaining_s(due_at_s), READ if reads else 0)
        finally:
            unsubscribe()

    def pause_on_change(self, changes: Changes, seen: int, seconds: float) -> Event:
        """Wait for a change after the one that was `seen` ("moved"), for bytes ("ready"), or for the time ("due")."""
        callbacks, waiter = self._callbacks, Waiter(self._hub)
        unsubscribe = changes.subscribe(lambda: callbacks.call_soon(waiter.switch, "moved"))
        try:  # read after subscribing, or a change in between would be lost
            return self._pause(waiter, seconds if changes.revision == seen else 0.0, READ)
        finally:
            unsubscribe()

    def wait_for(self, writing: Writing) -> None:
        """Wait until a journal entry is written, or has failed."""
        callbacks, waiter = self._callbacks, Waiter(self._hub)
        writing.when_over(lambda: callbacks.call_soon(waiter.switch, None))
        waiter.get()

    def _pause(self, waiter: Any, seconds: float | None, wanted: int) -> Event:
        timer = None if seconds is None else self._hub.loop.timer(max(0.0, seconds))
        readiness = (self._watchers.get(wanted) or self._new_watcher(wanted)) if wanted else None
        try:
            if timer:
                timer.start(waiter.switch, "due", update=True)
            if readiness:
                readiness.start(waiter.switch, "ready")
            event: Event = waiter.get()
            return event
        finally:
            if timer:
                timer.stop()
                timer.close()
            if readiness:
                readiness.stop()

    def _new_watcher(self, wanted: int) -> Any:
        """A watcher of the socket, kept until it is closed: each wait needs one, most of them for READ."""
        watcher = self._watchers[wanted] = self._hub.loop.io(self._socket.fileno(), wanted)
        return watcher

    def send(self, chunks: Sequence[bytes], idle_s: float, total_s: float) -> None:
        """Send all chunks without joining large ones. Raises Gone, or Slow when the client does not read."""
        size_bytes = sum(map(len, chunks))
        if size_bytes <= _ONE_SEND_BYTES:
            chunks = (b"".join(chunks),)
        self.is_sending = True
        try:
            sent_bytes = self._send_some(chunks)
            if sent_bytes < size_bytes:
                self._send_rest([memoryview(chunk) for chunk in chunks if chunk], sent_bytes, idle_s, total_s)
        finally:
            self.is_sending = False

    def _send_some(self, chunks: Sequence[bytes | memoryview]) -> int:
        """Send what goes now; returns its size in bytes."""
        try:
            sent_bytes = self._send_now(chunks)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Gone from error
        self.first_byte_at_s = self.first_byte_at_s or time.monotonic()
        self.sent_bytes += sent_bytes
        return sent_bytes

    def _send_rest(self, pending: list[memoryview], sent_bytes: int, idle_s: float, total_s: float) -> None:
        """Send what is left when the first `sent_bytes` are gone."""
        give_up_at = time.monotonic() + total_s
        while _drop(pending, sent_bytes):
            timeout_s = min(idle_s, give_up_at - time.monotonic())
            if timeout_s <= 0 or (not sent_bytes and self._pause(Waiter(self._hub), timeout_s, WRITE) == "due"):
                raise Slow
            sent_bytes = self._send_some(pending)

    def _send_now(self, chunks: Sequence[bytes | memoryview]) -> int:
        return self._socket.sendmsg(chunks) if _SENDS_MANY else self._socket.send(chunks[0])

    def reset(self) -> None:
        """Send a TCP RST: the socket is closed with a linger time of 0."""
        with suppress(OSError):  # the client has closed it already
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOW)
        self._socket.close()

    def linger(self, seconds: float) -> None:
        """Send a FIN, then read and discard for a while: a client that is still sending can read the response instead
        of getting a reset (RFC 9112, 9.6)."""
        give_up_at = time.monotonic() + seconds
        with suppress(Gone, Slow, OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while self.pause(give_up_at - time.monotonic()) == "ready":  # lets others run between two reads
                if self.receive_ready() == b"":
                    return

    def finish(self) -> None:
        """Send a FIN and discard what has arrived: closing a socket with unread bytes would send a reset."""
        with suppress(Gone, OSError):
            self._socket.shutdown(socket.SHUT_WR)
            for _ in range(_FINISH_READS):
                if not self.receive_ready():
                    return

    def close(self) -> None:
        """Close the socket."""
        for watcher in self._watchers.values():
            watcher.close()
        self._watchers.clear()
        self._socket.close()


def _drop(pending: list[memoryview], sent_bytes: int) -> bool:
    """Remove the first `sent_bytes`; True when something is left."""
    while pending and sent_bytes >= len(pending[0]):
        sent_bytes -= len(pending.pop(0))
    if pending and sent_bytes:
        pending[0] = pending[0][sent_bytes:]
    return bool(pending)
