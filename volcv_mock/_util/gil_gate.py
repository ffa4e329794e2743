"""Lanes: one for Python, as many for pixels as there are cores.

Pillow lets go of the interpreter's lock, so pictures may be worked on side by side. Python may not:
a second thread that wants to run adds nothing but hand-overs, a fifth of a refusal's price (measured).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Gate = Callable[[], AbstractContextManager[None]]
"""What opens a lane for the length of a `with`; contextlib.nullcontext where none is needed."""


class GilGate:
    """Whoever computes for a server is in the Python lane, and leaves it while working on pixels. Thread-safe."""

    def __init__(self, cores: int | None = None) -> None:
        self._python = threading.Lock()
        self._pixels = threading.BoundedSemaphore(cores or os.cpu_count() or 1)
        self._mine = threading.local()

    @contextmanager
    def python(self) -> Iterator[None]:
        """One thread at a time. Not to be entered twice."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def pixels(self) -> Iterator[None]:
        """As many threads as there are cores; one that was in the Python lane is there again afterwards."""
        was_inside = getattr(self._mine, "is_inside", False)
        if was_inside:
            self._leave()
        try:
            with self._pixels:
                yield
        finally:
            if was_inside:
                self._enter()

    def _enter(self) -> None:
        self._python.acquire()
        self._mine.is_inside = True

    def _leave(self) -> None:
        self._mine.is_inside = False
        self._python.release()
