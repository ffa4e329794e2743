"""The bell of a loop: other threads ring it to have something done in the loop's own thread.

gevent's run_callback_threadsafe is not that safe. It counts the callback in libev from the foreign
thread, while the loop, which has let go of the interpreter's lock, counts its ended timers: a lost
count ends the loop in the middle of its work (LoopExit). On libuv it can hang (gevent issue 2212). An
async watcher is what both libraries allow to be touched from outside.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any


class LoopCallbacks:
    """Made and closed in the loop's thread, rung from any."""

    __slots__ = ("_errands", "_hub", "_is_open", "_lock", "_watcher")

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._errands: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._is_open = True
        self._lock = threading.Lock()  # between the last ring and the close: a closed watcher must not be touched
        self._watcher = hub.loop.async_()
        self._watcher.start(self._answer)

    def call_soon(self, function: Callable[..., object], *args: object) -> None:
        """Have `function(*args)` called in the loop, in the order of ringing. After `close` nobody hears it."""
        with self._lock:
            if self._is_open:
                self._errands.append((function, args))
                self._watcher.send()

    def close(self) -> None:
        with self._lock:
            self._is_open = False
            self._watcher.stop()
            self._watcher.close()

    def _answer(self) -> None:
        for _ in range(len(self._errands)):  # what is rung meanwhile comes in the loop's next turn
            function, args = self._errands.popleft()
            try:
                function(*args)
            except BaseException:  # one errand's mistake must not strand the others
                self._hub.handle_error(function, *sys.exc_info())
