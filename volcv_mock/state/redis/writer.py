"""Writes what nobody waits for: how deliveries ended, and slots that are free again. One thread, started when needed.

While Redis is away the writes are kept, up to MOST. Of those that do not fit, and of those that Redis can never take,
the endings are counted, and Redis is told once it answers again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from queue import Empty, SimpleQueue
from typing import Any

from redis.exceptions import ResponseError

from volcv_mock._util.gil_gate import Gate
from volcv_mock.state import StateUnavailable
from volcv_mock.state.redis.connection import FAST_S, TIMEOUT_S, RedisConnections, Seconds, is_for_good, reason

AT_ONCE = 64
GATHER_S = 0.005
"""How long writes are gathered: each wake-up of the thread takes the interpreter's lock from the workers. To send them
along with the next call takes more CPU time: it then waits for more replies."""
SPARSE_S = 2 * GATHER_S
"""After so long without a write nothing is gathered: calls are too rare for others to come."""
MOST = 65_536
FLUSH_S = 1.0
LAST_S = FAST_S + 2 * TIMEOUT_S
"""How long the last try may take: a write that is waited for, a pause, and one more."""

Write = tuple[str, tuple[Any, ...]]


class Writer:
    """`add` never waits; `flush` waits until what was added before is written, at most FLUSH_S. `warn` is called once
    when a write is dropped."""

    def __init__(self, connect: Callable[[], RedisConnections], monotonic: Seconds, released: Gate = nullcontext,
                 warn: Callable[[str], None] = lambda text: None) -> None:  # fmt: skip
        self._connect = connect  # a thread of its own does not hold the interpreter's gate
        self._monotonic = monotonic
        self._released = released
        self._warn = warn
        self._pending: deque[Write] = deque()
        self._calls: SimpleQueue[bool] = SimpleQueue()  # each wakes the thread up
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._flushing = self._singly = 0
        self._wrote_s = 0.0
        self._is_writing = self._has_warned = False
        self._is_closed = self._is_failing = self._is_idle = self._hurries = False
        self._never = threading.Event()
        self.lost = 0
        """Endings that could not be written, and that Redis was not told of yet."""

    def add(self, script: str, *arguments: Any, is_urgent: bool = False) -> None:
        """Run a script soon; an urgent one is not gathered with others."""
        self._pending.append((script, arguments))
        if len(self._pending) > MOST:
            self._drop_oldest()
        if self._thread is None:
            self._begin()
        if is_urgent:
            self._hurries = True
        if self._is_idle or is_urgent:
            self._is_idle = False
            self._call()

    def _call(self) -> None:
        """Wake the thread up. A call that it has not taken yet is taken after what the caller has written."""
        if self._calls.empty():
            self._calls.put(True)

    def _drop_oldest(self) -> None:
        with self._changed:
            while len(self._pending) > MOST:
                self.lost += _endings([self._pending.popleft()])

    def _begin(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="volcv-mock state writer", daemon=True)
                self._thread.start()

    def flush_if_any(self) -> None:
        """The same as `flush`; nothing when nothing waits."""
        if self._pending or self._is_writing:
            self.flush()

    def flush(self, within_s: float = FLUSH_S) -> None:
        """Wait until everything is written, or Redis is found to be away."""
        with self._released(), self._changed:
            self._flushing += 1
            self._hurries = True
            self._call()
            try:
                self._changed.wait_for(lambda: self._is_failing or not (self._pending or self._is_writing), within_s)
            finally:
                self._flushing -= 1

    def pause(self, seconds: float) -> None:
        """Let other processes write."""
        with self._released():
            self._never.wait(seconds)

    def close(self) -> int:
        """Write what is left, and end the thread. Returns of how many calls the end could not be written, and Redis was
        not told so."""
        self.flush()
        self._is_closed = True
        self._call()
        if self._thread:
            with self._released():
                self._thread.join(LAST_S)
        lost, self.lost = self.lost + _endings(self._pending), 0
        self._pending.clear()
        return lost

    def _run(self) -> None:
        connections = self._connect()
        while batch := self._next():
            try:
                self._write(connections, batch)
                self._is_failing = False
            except StateUnavailable:
                self._put_back(batch, is_failing=True)
                if self._is_closed:
                    break
                self._never.wait(FAST_S)
                continue
            if self.lost:
                self._tell_lost(connections)
        connections.close()

    def _write(self, connections: RedisConnections, batch: list[Write]) -> None:
        try:
            found = connections.run(batch, keeps_refusals=True)
        except StateUnavailable:
            raise
        except Exception as error:  # one of them cannot even be sent
            if len(batch) > 1:
                self._singly = len(batch)
                self._put_back(batch)  # singly, so that only this one is dropped
            else:
                self._drop(batch[0], error)
            return
        refused = [(write, each) for write, each in zip(batch, found, strict=True) if isinstance(each, ResponseError)]
        for _, refusal in refused:
            if not is_for_good(refusal):
                raise StateUnavailable(reason(refusal))
        for write, refusal in refused:
            self._drop(write, refusal)

    def _drop(self, write: Write, error: Exception) -> None:
        with self._changed:
            self.lost += _endings([write])
        if not self._has_warned:
            self._has_warned = True
            self._warn(f"Redis cannot take a write ({write[0]}: {reason(error)}): it is dropped, as others like it will"
                      " be; journal.lost counts the ends of calls among them")  # fmt: skip

    def _put_back(self, batch: list[Write], *, is_failing: bool = False) -> None:
        with self._changed:
            self._pending.extendleft(reversed(batch))
            self._is_failing = is_failing
            self._changed.notify_all()

    def _tell_lost(self, connections: RedisConnections) -> None:
        lost = self.lost
        with suppress(StateUnavailable):
            connections.command("HINCRBY", connections.key("jn"), "lost", lost)
            with self._changed:
                self.lost -= lost

    def _next(self) -> list[Write]:
        """What to write now; nothing when the writer is closed and all is written.

        `add` and `flush` first write what they want, then read what this thread does; this thread does it the other way
        round: so none waits for a call that nobody makes. Whoever clears `_is_idle` elsewhere must call.
        """
        self._is_writing = False
        if self._flushing and not self._pending:
            with self._changed:
                self._changed.notify_all()
        while not self._pending and not self._is_closed:
            self._is_idle = True
            if not self._pending and not self._is_closed:
                self._calls.get()
        self._is_idle = False
        is_sparse = self._monotonic() - self._wrote_s > SPARSE_S
        if len(self._pending) < AT_ONCE and not (is_sparse or self._hurries or self._is_closed or self._singly):
            with suppress(Empty):
                self._calls.get(timeout=GATHER_S)
        self._hurries = False
        most, self._singly = (1, self._singly - 1) if self._singly else (AT_ONCE, 0)
        self._is_writing = bool(self._pending)  # before they are taken: `flush` must see one of the two
        self._wrote_s = self._monotonic()
        return [self._pending.popleft() for _ in range(min(most, len(self._pending)))]


def _endings(writes: Iterable[Write]) -> int:
    """How many of these writes are how deliveries ended."""
    return sum(script == "close" for script, _ in writes)
