"""Whether something changed: a number that grows, and listeners that are told. What changed is read elsewhere."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

Listener = Callable[[], None]


class Changes:
    """`touch` and `subscribe` may be called from any thread. With no listener a touch is one addition."""

    def __init__(self) -> None:
        self.revision = 0
        self._count = itertools.count(1)
        self._listeners: dict[int, Listener] = {}
        self._next_listener = 0
        self._lock = threading.Lock()

    def touch(self) -> None:
        """Something changed. Listeners are called in this thread: they must not wait."""
        self.revision = next(self._count)
        if not self._listeners:
            return
        with self._lock:
            listeners = tuple(self._listeners.values())
        for each in listeners:
            each()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every touch; returns a function to unsubscribe."""
        with self._lock:
            key, self._next_listener = self._next_listener, self._next_listener + 1
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)
