"""Calls that are counted together: who decides the first of them counts all that were received, in one round trip.

So a crowd takes a round trip for some calls, and a lone call the one it would have taken anyway.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext

from volcv_mock._util.gil_gate import Gate
from volcv_mock.model import Expected
from volcv_mock.state import StateUnavailable

_LOG = logging.getLogger("volcv_mock.state")


class Arrivals:
    """`count` sets digest, number and occurrence of calls, in their order. Thread-safe; `released` is that of the
    GilGate."""

    def __init__(self, count: Callable[[Sequence[Expected]], None], released: Gate = nullcontext) -> None:
        self._count = count
        self._released = released
        self._waiting: deque[Expected] = deque()
        self._turn = threading.Lock()

    def expect(self, scope: str, *request: object) -> Expected:
        """A call that was received; `request` is what identifies it. Never waits."""
        expected = Expected(scope, request)
        self._waiting.append(expected)
        return expected

    def take(self, expected: Expected) -> bool:
        """Count the call, if another has not: True when it is to be decided now, False when it was before. Raises
        StateUnavailable."""
        if not expected.is_over:
            self._wait_for(expected)
        if expected.problem:
            raise StateUnavailable(expected.problem)
        is_first, expected.is_taken = not expected.is_taken, True
        return is_first

    def _wait_for(self, expected: Expected) -> None:
        if not self._turn.acquire(blocking=False):
            with self._released():  # who counts may need the lock of this thread to go on
                self._turn.acquire()
        try:
            if not expected.is_over:
                self._count_all()
        finally:
            self._turn.release()

    def _count_all(self) -> None:
        waiting, problem = [self._waiting.popleft() for _ in range(len(self._waiting))], ""
        try:
            self._count(waiting)
        except StateUnavailable as error:
            problem = str(error)
        except Exception as error:  # the others must not wait for ever
            _LOG.exception("calls could not be counted")
            problem = type(error).__name__
        for each in waiting:
            each.request, each.problem, each.is_over = (), problem, True
