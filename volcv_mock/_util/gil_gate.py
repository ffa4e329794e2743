"""GilGate: one thread at a time for Python code, as many as there are cores for pixel work.

Pillow releases the GIL, so pictures can be processed in parallel. Python code cannot: a second runnable thread only
adds lock hand-overs, which cost a fifth of a refusal (measured).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

Gate = Callable[[], AbstractContextManager[None]]
"""Returns a context manager that holds a slot; contextlib.nullcontext where none is needed."""


class GilGate:
    """Server threads hold the Python lock while they compute, and release it during pixel work. Thread-safe."""

    def __init__(self, cores: int | None = None) -> None:
        self._python = threading.Lock()
        self._pixels = threading.BoundedSemaphore(cores or os.cpu_count() or 1)
        self._mine = threading.local()

    def python(self, when_aside: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """Hold the Python lock. Not reentrant, but can be entered again. `when_aside` is called each time that the
        thread lets another one have it meanwhile."""
        return _Held(partial(self._enter, when_aside), self._leave)

    def aside(self) -> AbstractContextManager[None]:
        """Wait for another thread, which may need the Python lock: one held by this thread is released meanwhile."""
        when_aside = getattr(self._mine, "when_aside", None)
        return _Held(self._step_aside, partial(self._enter, when_aside)) if when_aside else _NOTHING

    @contextmanager
    def pixels(self) -> Iterator[None]:
        """Hold one of the pixel slots, one per core. A Python lock held by this thread is released meanwhile."""
        with self.aside(), self._pixels:
            yield

    def _enter(self, when_aside: Callable[[], None]) -> None:
        self._python.acquire()
        self._mine.when_aside = when_aside

    def _leave(self) -> None:
        self._mine.when_aside = None
        self._python.release()

    def _step_aside(self) -> None:
        when_aside = self._mine.when_aside
        self._leave()
        when_aside()


_NOTHING = nullcontext()


class _Held:
    """Entered for each request: a generator takes three times as long."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> None:
        self._enter()

    def __exit__(self, *error: object) -> None:
        self._leave()
