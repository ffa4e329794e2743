"""Waits with a timeout end in virtual time: `future.result(timeout=5)` around a call of 10 virtual seconds gives up.

Conditions, and what stands on them (events, queues, semaphores, futures), and joins are replaced by public functions
that look at virtual time while the real ones wait. This is for threads that began inside the block, the thread that
opened it, and threads that make a call; others wait in real time only. A wait never lasts longer than its timeout.

As in client_time.py the replacements are functions of this module, which call the real ones once the block is over.
"""

from __future__ import annotations

import asyncio
import math
import queue
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

from volcv_mock.intercept.other_waits import Wait
from volcv_mock.intercept.timeline import Timeline
from volcv_mock.intercept.trio_deadlines import starters_of_threads

LOOK_S = 0.002
"""How often, in real time, a waiting thread looks whether virtual time has reached the end of its wait."""

_real_wait, _real_wait_for = threading.Condition.wait, threading.Condition.wait_for
_real_notify, _real_notify_all = threading.Condition.notify, threading.Condition.notify_all
_real_acquire, _real_join = threading.Semaphore.acquire, threading.Thread.join
_real_get, _real_put = queue.Queue.get, queue.Queue.put
_real_loop_time, _real_monotonic = asyncio.BaseEventLoop.time, time.monotonic

_open: list[TimedWaits] = []
"""The one that is open, if any: an intercept belongs to the process."""


class TimedWaits:
    """While open, the replacements below stand for the functions of threading, queue and asyncio."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        replaced: tuple[tuple[Any, str, Any], ...] = (
            (threading.Condition, "wait", condition_wait),
            (threading.Condition, "wait_for", condition_wait_for),
            (threading.Condition, "notify", condition_notify),
            (threading.Condition, "notify_all", condition_notify_all),
            (threading.Semaphore, "acquire", semaphore_acquire),
            (threading.Thread, "join", thread_join),
            (queue.Queue, "get", queue_get),
            (queue.Queue, "put", queue_put),
            (asyncio.BaseEventLoop, "time", loop_time),
            (time, "monotonic", monotonic),
        )
        self._patches = [mock.patch.object(*each) for each in (*replaced, *starters_of_threads())]

    def start(self) -> None:
        """Replace them."""
        self.timeline.threads.open()
        _open.append(self)
        for patch in self._patches:
            patch.start()

    def stop(self) -> None:
        """Restore what `start` replaced."""
        for patch in self._patches:
            patch.stop()
        _open.remove(self)

    def is_watched(self) -> bool:
        """Whether the running thread sees virtual time."""
        return self.timeline.threads.has(threading.current_thread())

    def wait(self, timeout_s: float, attempt: Callable[[float], bool], condition: Any = None) -> bool:
        """Try for short whiles, until it succeeds or the virtual time of the wait is over."""
        now_s = self.timeline.now_s
        wait = Wait(now_s() + timeout_s, condition)
        with self.timeline.others.waiting(wait):
            while (left_s := wait.end_s - now_s()) > 0:
                if attempt(min(left_s, LOOK_S)) or wait.is_notified:
                    return True
            return attempt(0) or wait.is_notified


def _watching() -> TimedWaits | None:
    """The open one, if the running thread sees virtual time and is not inside one of these waits already."""
    found = _open[-1] if _open else None
    return found if found and not found.timeline.others.is_waiting() and found.is_watched() else None


def condition_wait(self: threading.Condition, timeout: float | None = None) -> bool:
    """Stands for threading.Condition.wait."""
    waits = _watching()
    if waits is None or (timeout is not None and timeout <= 0):
        return _real_wait(self, timeout)
    if timeout is None:
        with waits.timeline.others.waiting(Wait(condition=self)):
            return _real_wait(self)
    return waits.wait(timeout, partial(_real_wait, self), self)


def condition_wait_for(self: threading.Condition, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
    """Stands for threading.Condition.wait_for."""
    waits = _watching()
    if waits is None or timeout is None:
        return _real_wait_for(self, predicate, timeout)
    end_s = waits.timeline.now_s() + timeout
    while not (result := predicate()) and (left_s := end_s - waits.timeline.now_s()) > 0:
        self.wait(left_s)
    return result


def condition_notify(self: threading.Condition, n: int = 1) -> None:
    """Stands for threading.Condition.notify. A wait that looks at the time at this moment would miss it."""
    if _open:
        _open[-1].timeline.others.notify(self, n)
    _real_notify(self, n)


def condition_notify_all(self: threading.Condition) -> None:
    """Stands for threading.Condition.notify_all."""
    if _open:
        _open[-1].timeline.others.notify(self, math.inf)
    _real_notify_all(self)


def semaphore_acquire(self: threading.Semaphore, blocking: bool = True, timeout: float | None = None) -> bool:
    """Stands for threading.Semaphore.acquire."""
    waits = _watching()
    if waits is None or not blocking or timeout is None or timeout <= 0:
        return _real_acquire(self, blocking, timeout)
    return waits.wait(timeout, partial(_real_acquire, self, True))


def thread_join(self: threading.Thread, timeout: float | None = None) -> None:
    """Stands for threading.Thread.join."""
    waits = _watching()
    if waits is None or (timeout is not None and timeout <= 0):
        _real_join(self, timeout)
    elif timeout is None:
        with waits.timeline.others.waiting(Wait()):
            _real_join(self)
    else:
        waits.wait(timeout, partial(_joined, self))


def _joined(thread: threading.Thread, seconds: float) -> bool:
    _real_join(thread, seconds)
    return not thread.is_alive()


def queue_get(self: queue.Queue[Any], block: bool = True, timeout: float | None = None) -> Any:
    """Stands for queue.Queue.get."""
    waits = _watching()
    if waits is None or not block or timeout is None or timeout <= 0:
        return _real_get(self, block, timeout)
    found: list[Any] = []

    def attempt(seconds: float) -> bool:
        try:
            found.append(_real_get(self, seconds > 0, seconds))
        except queue.Empty:
            return False
        return True

    if not waits.wait(timeout, attempt):
        raise queue.Empty
    return found[0]


def queue_put(self: queue.Queue[Any], item: Any, block: bool = True, timeout: float | None = None) -> None:
    """Stands for queue.Queue.put."""
    waits = _watching()
    if waits is None or not block or timeout is None or timeout <= 0:
        _real_put(self, item, block, timeout)
        return

    def attempt(seconds: float) -> bool:
        try:
            _real_put(self, item, seconds > 0, seconds)
        except queue.Full:
            return False
        return True

    if not waits.wait(timeout, attempt):
        raise queue.Full


def loop_time(self: asyncio.BaseEventLoop) -> float:
    """Stands for asyncio.BaseEventLoop.time: a loop that asks for the time for the first time becomes virtual.

    Its deadlines then end around calls that its threads make, as those of asyncio.to_thread do.
    """
    if _open and _open[-1].is_watched():
        _open[-1].timeline.follow(self)
    return _real_loop_time(self)


def monotonic() -> float:
    """Stands for time.monotonic, which `as_completed` and `Executor.map` of concurrent.futures measure timeouts by."""
    caller = str(sys._getframe(1).f_globals.get("__name__", ""))
    if caller.startswith("concurrent.futures") and _open and _open[-1].is_watched():
        return _open[-1].timeline.now_s()
    return _real_monotonic()
