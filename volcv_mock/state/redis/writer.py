"""Writes what nobody waits for: how deliveries ended, and slots that are free again. One thread, started when needed.

While Redis is away the writes are kept, up to MOST. Of those that do not fit the endings are counted, and Redis is told
once it answers again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from volcv_mock._util.gil_gate import Gate
from volcv_mock.state import StateUnavailable
from volcv_mock.state.redis.connection import FAST_S, Connections

AT_ONCE = 64
GATHER_S = 0.005
"""How long writes are gathered: each wake-up of the thread takes the interpreter's lock from the workers. To send them
along with the next call takes more CPU time: it then waits for more replies."""
MOST = 65_536
FLUSH_S = 1.0


class Writer:
    """`add` never waits; `flush` waits until what was added before is written, at most FLUSH_S."""

    def __init__(self, connect: Callable[[], Connections], aside: Gate = nullcontext) -> None:
        self._connect = connect  # a thread of its own does not hold the interpreter's gate
        self._aside = aside
        self._pending: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._changed = threading.Condition()
        self._is_writing = False
        self._is_running = False
        self._is_closed = self._is_failing = self._is_idle = self._hurries = False
        self._never = threading.Event()
        self.lost = 0
        """Endings that could not be written, and that Redis was not told of yet."""

    def add(self, script: str, *arguments: Any, is_urgent: bool = False) -> None:
        """Run a script soon; an urgent one is not gathered with others."""
        with self._changed:
            if len(self._pending) >= MOST:
                self.lost += _endings([self._pending.popleft()])
            self._pending.append((script, arguments))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="volcv-mock state writer", daemon=True).start()
            elif self._is_idle or is_urgent:
                self._hurries = self._hurries or is_urgent
                self._changed.notify_all()

    def flush_if_any(self) -> None:
        """The same as `flush`; nothing when nothing waits."""
        if self._pending or self._is_writing:
            self.flush()

    def flush(self, within_s: float = FLUSH_S) -> None:
        """Wait until everything is written, or Redis is found to be away."""
        with self._aside(), self._changed:
            self._hurries = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_failing or not (self._pending or self._is_writing), within_s)

    def pause(self, seconds: float) -> None:
        """Let other processes write."""
        with self._aside():
            self._never.wait(seconds)

    def close(self) -> None:
        """Write what is left, and end the thread."""
        self.flush()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        connections = self._connect()
        while batch := self._next():
            try:
                connections.run(batch)
                self._is_failing = False
                self._tell_lost(connections)
            except StateUnavailable:
                with self._changed:
                    self._pending.extendleft(reversed(batch))
                    self._is_failing = True
                    self._changed.notify_all()
                    self._changed.wait(FAST_S)
            except Exception:  # a write that Redis does not understand must not end the thread
                self.lost += _endings(batch)
        connections.close()

    def _tell_lost(self, connections: Connections) -> None:
        if lost := self.lost:
            connections.command("HINCRBY", connections.key("jn"), "lost", lost)
            with self._changed:
                self.lost -= lost

    def _next(self) -> list[tuple[str, tuple[Any, ...]]]:
        with self._changed:
            self._is_writing = False
            if not self._pending:
                self._changed.notify_all()
            while not self._pending and not self._is_closed:
                self._is_idle = True
                self._changed.wait()
            self._is_idle = False
            if len(self._pending) < AT_ONCE and not (self._hurries or self._is_closed):
                self._changed.wait_for(lambda: self._hurries or self._is_closed, GATHER_S)
            self._hurries = False
            if self._is_closed:
                return []
            self._is_writing = True
            return [self._pending.popleft() for _ in range(min(AT_ONCE, len(self._pending)))]


def _endings(writes: Sequence[tuple[str, tuple[Any, ...]]]) -> int:
    """How many of these writes are how deliveries ended."""
    return sum(script == "close" for script, _ in writes)
