"""Functions that are called when something happens, until their owner unsubscribes."""

from __future__ import annotations

import threading
from collections.abc import Callable

Listener = Callable[[], None]


class Listeners:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._listeners)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every `notify`; returns a function to unsubscribe."""
        with self._lock:
            key, self._next = self._next, self._next + 1
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    def notify(self) -> None:
        """Call all of them in this thread: they must not wait."""
        if not self._listeners:
            return
        with self._lock:
            listeners = tuple(self._listeners.values())
        for each in listeners:
            each()
