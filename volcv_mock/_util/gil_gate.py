"""GilGate: one thread at a time for Python code, as many as there are cores for pixel work.

Pillow releases the GIL, so pictures can be processed in parallel. Python code cannot: a second runnable thread only
adds lock hand-overs, which cost a fifth of a refusal (measured).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

Gate = Callable[[], AbstractContextManager[None]]
"""Returns a context manager that holds a slot; contextlib.nullcontext where none is needed."""


class GilGate:
    """Server threads hold the Python lock while they compute, and release it during pixel work and while they wait for
    another thread or for Redis. Thread-safe."""

    def __init__(self, cores: int | None = None) -> None:
        self._python = threading.Lock()
        self._pixels = threading.BoundedSemaphore(cores or os.cpu_count() or 1)
        self._mine = threading.local()

    def python(self, when_released: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """Hold the Python lock. Not reentrant; one object serves many threads, any number of times. `when_released` is
        called each time that a thread lets another one have the lock meanwhile."""
        return _Held(self._python, self._mine, when_released)

    def released(self) -> AbstractContextManager[None]:
        """Wait for another thread, which may need the Python lock: one held by this thread is released meanwhile."""
        held: _Held | None = getattr(self._mine, "held", None)
        return held.released if held else _NOTHING

    @contextmanager
    def pixels(self) -> Iterator[None]:
        """Hold one of the pixel slots, one per core. A Python lock held by this thread is released meanwhile."""
        with self.released(), self._pixels:
            yield


_NOTHING = nullcontext()


class _Held:
    """The Python lock, held by the thread that entered it. Entered for each request: a generator takes three times as
    long."""

    __slots__ = ("lock", "mine", "released", "when_released")

    def __init__(self, lock: threading.Lock, mine: threading.local, when_released: Callable[[], None]) -> None:
        self.lock = lock
        self.mine = mine
        self.when_released = when_released
        self.released = _Released(self)

    def __enter__(self) -> None:
        self.lock.acquire()
        self.mine.held = self

    def __exit__(self, *error: object) -> None:
        self.mine.held = None
        self.lock.release()


class _Released:
    """The same lock, released for a while."""

    __slots__ = ("_held",)

    def __init__(self, held: _Held) -> None:
        self._held = held

    def __enter__(self) -> None:
        held = self._held
        held.mine.held = None
        held.lock.release()
        held.when_released()

    def __exit__(self, *error: object) -> None:
        self._held.__enter__()
