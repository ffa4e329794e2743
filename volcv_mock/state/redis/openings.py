"""Opens the journal entries of answers that wait for their delay: several in one round trip, by a thread, so that no
worker waits for Redis. What is asked for here is done within milliseconds; an answer that is due before waits for it.

Unlike an ending (writer.py), an entry that cannot be written is not tried again: its answer is replaced (service.py).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import islice
from typing import Any

from volcv_mock._util.gil_gate import Gate
from volcv_mock.state import StateUnavailable
from volcv_mock.state.redis.connection import RedisConnections, refusal

_LOG = logging.getLogger("volcv_mock.state")
AT_ONCE = 64
GATHER_S, LONGER_S = 0.005, 0.02
"""How long entries are gathered: each wake-up of the thread takes the interpreter's lock from the workers. Longer while
several come at a time."""

ScriptCall = tuple[str, Sequence[Any]]
Ended = Callable[[Sequence[Any], str], None]
"""Called with what the scripts returned, or with why they could not be run."""


class Openings:
    """`add` never waits; `flush` waits until what was added before is written, or has failed. Thread-safe."""

    def __init__(self, connections: RedisConnections, released: Gate = nullcontext) -> None:
        self._connections = connections
        self._released = released
        self._pending: deque[tuple[Sequence[ScriptCall], Ended]] = deque()
        self._changed = threading.Condition()
        self._gather_s = GATHER_S
        self._is_running = self._is_idle = self._is_writing = self._hurries = self._is_closed = False

    def add(self, calls: Sequence[ScriptCall], ended: Ended) -> None:
        """Run scripts soon. `ended` is called exactly once, in another thread."""
        with self._changed:
            self._pending.append((calls, ended))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="volcv-mock state opener", daemon=True).start()
            elif self._is_idle:
                self._changed.notify_all()

    def flush_if_any(self) -> None:
        """Wait until nothing of what was added before is pending."""
        if not (self._pending or self._is_writing):
            return
        with self._released(), self._changed:
            self._hurries = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._pending or self._is_writing))

    def close(self) -> None:
        """Write what is left, and end the thread."""
        self.flush_if_any()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while batch := self._next():
            found, problem = self._found([call for calls, _ in batch for call in calls])
            results = iter(found)
            for calls, ended in batch:
                own = list(islice(results, len(calls)))
                try:
                    ended(own, problem or next(filter(None, map(refusal, own)), ""))
                except Exception:
                    _LOG.exception("a journal entry failed")

    def _found(self, calls: Sequence[ScriptCall]) -> tuple[list[Any], str]:
        try:
            return self._connections.run(calls, keeps_refusals=True), ""
        except StateUnavailable as error:
            return [None] * len(calls), str(error)
        except Exception as error:  # whatever it is, the answers must not wait for ever
            _LOG.exception("journal entries failed")
            return [None] * len(calls), type(error).__name__

    def _next(self) -> list[tuple[Sequence[ScriptCall], Ended]]:
        """What is to be written next; [] at the end."""
        with self._changed:
            self._is_writing = False
            if not self._pending:
                self._changed.notify_all()
                self._is_idle = True
                self._changed.wait_for(lambda: self._pending or self._is_closed)
                self._is_idle = False
            if len(self._pending) < AT_ONCE:
                self._changed.wait_for(lambda: self._hurries or self._is_closed, self._gather_s)
            self._gather_s = LONGER_S if len(self._pending) > 1 else GATHER_S
            self._is_running = self._is_writing = bool(self._pending)
            self._hurries = False
            return [self._pending.popleft() for _ in range(min(AT_ONCE, len(self._pending)))]
