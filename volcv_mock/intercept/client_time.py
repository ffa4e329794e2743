"""The client's own waiting in virtual time: `time.sleep`, `asyncio.sleep`, and the clocks of its retry deadlines.

`datetime.now` stays real, because requests are signed with it; `process_time` and `thread_time` count CPU time.
Test tools see real clocks, so that a virtual hour is not the duration of a test or of a Hypothesis example.

The names that other modules have for these functions (`from time import sleep`) are replaced too. The replacements are
functions of this module. Code that keeps one of them (a module that is first imported inside the block) calls the real
function through it once the block is over.

Only threads and tasks that made an intercepted call, and the thread that opened the block, move the time by sleeping.
Others, such as a background thread that flushes a log, sleep really. Threads that ran before the block keep real
clocks until they make a call.
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time as time_module
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from unittest import mock

from volcv_mock.intercept.other_waits import Wait
from volcv_mock.intercept.timeline import Timeline, ends_of, running_loop
from volcv_mock.intercept.watched_threads import is_of_a_test_tool
from volcv_mock.simulation.clock import Clock

FOREVER_S = 366 * 86_400.0
"""A longer sleep means "for ever": it is not virtual."""
REAL_CLOCKS = frozenset({"asyncio", "gevent", "trio", "volcv_mock"})
"""Packages that read real clocks, beside test tools. Event loops have a time of their own (LoopTime)."""
MAIN_PROGRAM = "__main__"
NANOSECONDS = 1_000_000_000

_real_sleep, _real_asyncio_sleep = time_module.sleep, asyncio.sleep
_real_time, _real_time_ns = time_module.time, time_module.time_ns
_real_monotonic, _real_monotonic_ns = time_module.monotonic, time_module.monotonic_ns
_real_perf_counter, _real_perf_counter_ns = time_module.perf_counter, time_module.perf_counter_ns

_open: list[ClientTime] = []
"""The one that is open, if any: an intercept belongs to the process."""


class ClientTime:
    """While open, the replacements below stand for the functions of `time` and `asyncio`."""

    def __init__(self, clock: Callable[[], Clock], timeline: Timeline) -> None:
        self._clock = clock
        self._timeline = timeline
        replaced: tuple[Any, ...] = (sleep, time, time_ns, monotonic, monotonic_ns, perf_counter, perf_counter_ns)
        self._patches = [mock.patch.object(time_module, each.__name__, each) for each in replaced]
        self._patches.append(mock.patch.object(asyncio, "sleep", asyncio_sleep))
        self._aliases: list[tuple[ModuleType, str, Any]] = []

    def start(self) -> None:
        """Replace sleeps and clocks for the calling thread, new threads, and every thread that makes a call."""
        opener = threading.current_thread()
        self._timeline.threads.callers.add(opener)
        self._timeline.joined_at_s[opener] = 0.0
        _open.append(self)
        for patch in self._patches:
            patch.start()
        self._aliases = list(_aliases())
        for module, name, real in self._aliases:
            setattr(module, name, REPLACEMENTS[real])

    def stop(self) -> None:
        """Restore the sleeps and clocks that `start` replaced."""
        for module, name, real in self._aliases:
            if getattr(module, name, None) is REPLACEMENTS[real]:
                setattr(module, name, real)
        for patch in self._patches:
            patch.stop()
        _open.remove(self)

    def shift_s(self) -> float:
        """The virtual seconds that the running thread has seen pass; a thread that began in the block sees all."""
        thread, timeline = threading.current_thread(), self._timeline
        joined_at_s = timeline.joined_at_s.get(thread)
        if joined_at_s is not None:
            return timeline.shift_s - joined_at_s
        return 0.0 if timeline.threads.is_older(thread) else timeline.shift_s

    def thread_is_virtual(self, seconds: float) -> bool:
        """Whether a sleep of this length in this thread moves virtual time instead of waiting."""
        return 0 < seconds < FOREVER_S and threading.current_thread() in self._timeline.threads.callers

    def task_is_virtual(self, seconds: float) -> bool:
        """A caller, or the only task of its loop."""
        task = asyncio.current_task()
        is_caller = task in self._timeline.threads.callers or len(asyncio.all_tasks()) == 1
        return 0 < seconds < FOREVER_S and is_caller

    def pause(self, seconds: float) -> None:
        """Move virtual time by `seconds` for this thread; the sleeps of other threads overlap with this one."""
        self._timeline.move(ends_of(self._clocks(), seconds))

    def sleep_really(self, seconds: float) -> None:
        """A sleep that moves no time: nobody waits for this thread meanwhile."""
        with self._timeline.others.waiting(Wait()):
            _real_sleep(seconds)

    async def pause_async(self, seconds: float) -> None:
        """Move virtual time by `seconds` for the running task; other tasks run meanwhile."""
        loop = running_loop()
        assert loop is not None
        await self._timeline.move_on_loop(loop, ends_of(self._clocks(), seconds))

    def _clocks(self) -> tuple[Clock, ...]:
        """The default scope's, and that of the scope in which the thread made its last call."""
        default, last = self._clock(), self._timeline.last_clock()
        return (default,) if last is None or last is default else (default, last)


def sleep(seconds: float, /) -> None:
    """Stands for time.sleep."""
    if not _open:
        _real_sleep(seconds)
    elif _open[-1].thread_is_virtual(seconds):
        _open[-1].pause(seconds)
    else:
        _open[-1].sleep_really(seconds)


async def asyncio_sleep(delay: float, result: Any = None) -> Any:
    """Stands for asyncio.sleep."""
    if math.isfinite(delay) and _open and _open[-1].task_is_virtual(delay):
        await _open[-1].pause_async(delay)
        return result
    return await _real_asyncio_sleep(delay, result)


def _has_real_clocks(module: str) -> bool:
    return module.partition(".")[0] in REAL_CLOCKS or is_of_a_test_tool(module)


def _shift_s(real_in: str = "") -> float:
    """What the caller of a clock below adds to it: nothing in a test tool, and in the module named `real_in`."""
    caller = str(sys._getframe(2).f_globals.get("__name__", ""))
    return _open[-1].shift_s() if _open and caller != real_in and not _has_real_clocks(caller) else 0.0


def time() -> float:
    """Stands for time.time: the virtual seconds of the running thread are added."""
    return _real_time() + _shift_s()


def time_ns() -> int:
    """Stands for time.time_ns."""
    return _real_time_ns() + int(_shift_s() * NANOSECONDS)


def monotonic() -> float:
    """Stands for time.monotonic: the virtual seconds of the running thread are added."""
    return _real_monotonic() + _shift_s()


def monotonic_ns() -> int:
    """Stands for time.monotonic_ns."""
    return _real_monotonic_ns() + int(_shift_s() * NANOSECONDS)


def perf_counter() -> float:
    """Stands for time.perf_counter, which httpx measures `response.elapsed` by: as monotonic.

    It stays real in the main program: a script measures by it how long its run takes.
    """
    return _real_perf_counter() + _shift_s(real_in=MAIN_PROGRAM)


def perf_counter_ns() -> int:
    """Stands for time.perf_counter_ns."""
    return _real_perf_counter_ns() + int(_shift_s(real_in=MAIN_PROGRAM) * NANOSECONDS)


REPLACEMENTS: dict[Any, Any] = {
    _real_sleep: sleep,
    _real_asyncio_sleep: asyncio_sleep,
    _real_time: time,
    _real_time_ns: time_ns,
    _real_monotonic: monotonic,
    _real_monotonic_ns: monotonic_ns,
    _real_perf_counter: perf_counter,
    _real_perf_counter_ns: perf_counter_ns,
}
_REAL_IDS = frozenset(id(real) for real in REPLACEMENTS)
_without_aliases: dict[str, tuple[int, int]] = {}
"""Modules that have none, with their identity and size: to look through all of them takes 20 ms."""


def _aliases() -> Iterator[tuple[ModuleType, str, Any]]:
    """Where a module has one of them under a name of its own: `from time import sleep as pause`.

    The standard library is left out: its waits measure real time by such names (see timed_waits.py).
    """
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        is_left_out = _has_real_clocks(name) or package in sys.stdlib_module_names
        if is_left_out or not isinstance(module, ModuleType):
            continue
        if _without_aliases.get(name) == (found := (id(module), len(vars(module)))):
            continue
        aliases = [(module, key, value) for key, value in list(vars(module).items()) if id(value) in _REAL_IDS]
        yield from aliases
        if not aliases:
            _without_aliases[name] = found
