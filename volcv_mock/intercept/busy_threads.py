"""Which threads are busy: they may be about to wait at this virtual moment, so time stands still until they do.

A thread that is blocked in a way that cannot be watched (a lock, a socket) looks busy. It is recognised by standing at
the same instruction and using no CPU time, and is then passed over, like one that computes for long, until it waits
or calls again.
"""

from __future__ import annotations

import concurrent.futures.thread
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any
from weakref import WeakSet

from volcv_mock.intercept.watched_threads import WatchedThreads

BEGIN_S = 0.5
"""How long, in real time, busy threads may take to begin a wait."""
STILL_S = 0.05
"""How long, in real time, all busy threads must stand at the same instruction to be taken for blocked."""
POOL_WORKER = concurrent.futures.thread._worker.__code__

Frames = dict[int, FrameType]

_collector = threading.Lock()
"""Held by the thread that has turned the garbage collector off."""


class BusyThreads:
    """The watched threads that neither wait nor were passed over. `is_waiting` says which of the others wait."""

    def __init__(self, threads: WatchedThreads, is_waiting: Callable[[threading.Thread], bool]) -> None:
        self._threads = threads
        self._is_waiting = is_waiting
        self._passed_over: WeakSet[threading.Thread] = WeakSet()
        self._answering: WeakSet[threading.Thread] = WeakSet()

    def now(self) -> list[threading.Thread]:
        """All but the running one."""
        if threading.active_count() == 1:
            return []
        here, idle = threading.current_thread(), _idle_workers(current_frames())
        return [each for each in threading.enumerate() if each is not here and self._is_busy(each, idle)]

    def goes_on(self, thread: threading.Thread) -> None:
        """The thread waits or calls: it was not blocked for good."""
        self._passed_over.discard(thread)

    def pass_over(self, threads: list[threading.Thread]) -> None:
        """Do not wait for these threads until they go on."""
        self._passed_over.update(threads)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """The running thread computes the answer to an intercepted call: it is not blocked, however still it stands."""
        thread = threading.current_thread()
        self._answering.add(thread)
        try:
            yield
        finally:
            self._answering.discard(thread)

    def places(self, threads: list[threading.Thread]) -> dict[threading.Thread, object]:
        """Where each thread is in its code; a thread that computes an answer is at another place each time."""
        frames = current_frames()
        return {each: object() if each in self._answering else _place(each, frames) for each in threads}

    def _is_busy(self, thread: threading.Thread, idle: set[int]) -> bool:
        if thread in self._passed_over or thread.ident in idle or self._is_waiting(thread):
            return False
        return self._threads.has(thread)


class Settling:
    """Waits until no thread is busy, for a bounded real time; the caller looks again and again whether it `is_over`."""

    def __init__(self, busy: BusyThreads) -> None:
        self._busy = busy
        self._places: dict[threading.Thread, object] = {}
        self._still_since_s = monotonic()
        self._gives_up_s = monotonic() + BEGIN_S

    def is_over(self) -> bool:
        """Whether no thread is busy, or those that are were passed over."""
        threads = self._busy.now()
        if threads and not self._stands_still(threads) and monotonic() < self._gives_up_s:
            return False
        self._busy.pass_over(threads)
        return True

    def _stands_still(self, threads: list[threading.Thread]) -> bool:
        """Threads that share the interpreter's lock stand still by turns: all must."""
        places = self._busy.places(threads)
        if places != self._places:
            self._places, self._still_since_s = places, monotonic()
        return monotonic() - self._still_since_s > STILL_S


def current_frames() -> Frames:
    """`sys._current_frames()` without garbage collection meanwhile.

    It holds a lock of the interpreter that threads need to start and to end. In CPython 3.11 before 3.11.9 a destructor
    that the collector runs there may let such a thread go on, and both wait for ever (python/cpython issue 106883).
    """
    with _collector:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames()
        finally:
            if was_on:
                gc.enable()


def _place(thread: threading.Thread, frames: Frames) -> object:
    frame = frames.get(thread.ident or 0)
    return frame and (id(frame), frame.f_lasti, _cpu_time(thread))


def _cpu_time(thread: threading.Thread) -> object:
    """As the Linux kernel counts it, None elsewhere: one instruction may compute in C, to load certificates say.

    A thread that is ready to run is never still, even if a busy machine gives it no CPU.
    """
    folder = Path(f"/proc/self/task/{thread.native_id}")
    try:
        return object() if b") R " in (folder / "stat").read_bytes() else (folder / "schedstat").read_bytes()
    except OSError:
        return None


def _idle_workers(frames: Frames) -> set[int]:
    """Identifiers of threads of pools that wait for work in a SimpleQueue, which cannot be watched."""
    pools: dict[Any, set[int]] = {}
    for ident, frame in frames.items():
        if frame.f_code is POOL_WORKER:
            pools.setdefault(frame.f_locals["executor_reference"](), set()).add(ident)
    return {ident for pool, workers in pools.items() if _has_idle(pool, len(workers)) for ident in workers}


def _has_idle(pool: Any, number: int) -> bool:
    """Whether so many workers are idle: one that was given work and has not run yet may look so, but is not counted."""
    return pool is not None and pool._work_queue.empty() and pool._idle_semaphore._value >= number
