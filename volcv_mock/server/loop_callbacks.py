"""Calling functions in the thread of an event loop: from other threads, or after all that is ready.

gevent's run_callback_threadsafe is not safe for this. It counts the callback in libev from the other thread, while the
loop, which has released the interpreter's lock, counts its ended timers: a lost count ends the loop early (LoopExit).
On libuv it can hang (gevent issue 2212). An async watcher is what both libraries allow other threads to touch.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any


class LoopCallbacks:
    """Created and closed in the thread of the loop; `call_soon` is for any thread."""

    __slots__ = ("_hub", "_is_open", "_lock", "_pending", "_watcher", "call_last")

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self.call_last: Callable[[Callable[[], object]], object] = hub.loop.run_callback
        """Call a function before the loop waits again, when all that is ready was handled; in the loop's thread."""
        self._pending: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._is_open = True
        self._lock = threading.Lock()  # a closed watcher must not be touched
        self._watcher = hub.loop.async_()
        self._watcher.start(self._call_pending)

    def call_soon(self, function: Callable[..., object], *args: object) -> None:
        """Call `function(*args)` in the loop, in the order of these calls. After `close` it does nothing."""
        with self._lock:
            if self._is_open:
                self._pending.append((function, args))
                self._watcher.send()

    def close(self) -> None:
        """Accept no more functions; in the loop's thread."""
        with self._lock:
            self._is_open = False
            self._watcher.stop()
            self._watcher.close()

    def _call_pending(self) -> None:
        for _ in range(len(self._pending)):  # those added meanwhile are called in the next iteration of the loop
            function, args = self._pending.popleft()
            try:
                function(*args)
            except BaseException:  # an exception in one must not keep the others from being called
                self._hub.handle_error(function, *sys.exc_info())
