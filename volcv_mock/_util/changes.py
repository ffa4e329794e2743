"""Whether something changed: a number that grows, and listeners that are told. What changed is read elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from volcv_mock._util.listeners import Listener, Listeners


class Changes:
    """`touch` and `subscribe` may be called from any thread. With no listener a touch is one addition."""

    def __init__(self) -> None:
        self.revision = 0
        self._count = itertools.count(1)
        self._listeners = Listeners()

    def touch(self) -> None:
        """Something changed. Listeners are called in this thread: they must not wait."""
        self.revision = next(self._count)
        self._listeners.notify()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every touch; returns a function to unsubscribe."""
        return self._listeners.subscribe(listener)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)
