"""Who else waits while one thread lets virtual time pass: threads in a wait with a timeout, loops with a timer.

Time stops at the end of each such wait until its thread or loop has gone on, so that it gives up when it would have.
Everything here is bounded in real time: a thread that cannot go on is passed over, and its wait ends late.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from time import monotonic
from typing import Any, NamedTuple

from volcv_mock.intercept.busy_threads import BEGIN_S, BusyThreads, Settling
from volcv_mock.intercept.watched_threads import WatchedThreads

LOOK_S = 0.001
"""How often, in real time, a thread looks whether another one has gone on."""
LEAVE_S = 0.5
"""How long, in real time, a thread may take to end a wait that is over."""
BUDGET_S = 2.0
"""How much real time all of that may take during one move of the time; after it the time moves to its end at once."""
TURNS = 5
"""Turns of an event loop after which all that was due has run."""

Loop = asyncio.AbstractEventLoop


class Wait:
    """One wait or sleep of a thread, until `end_s` of virtual time (infinite without a timeout).

    `condition` is the Condition that can end it, None for anything else; `is_notified` says that it did. A thread with
    `moves_time` ends its wait itself.
    """

    __slots__ = ("condition", "end_s", "is_notified", "moves_time")

    def __init__(self, end_s: float = math.inf, condition: Any = None, *, moves_time: bool = False) -> None:
        self.end_s = end_s
        self.moves_time = moves_time
        self.condition = condition
        self.is_notified = False


class OtherLoop(NamedTuple):
    """An event loop that runs in another thread, and the seconds until its next timer (infinite without one)."""

    loop: Loop
    thread: threading.Thread
    left_s: float


Loops = Callable[[], list[OtherLoop]]


class OtherWaits:
    """The waits of all threads, by thread. `loops` returns the other loops whose time is virtual."""

    def __init__(self, threads: WatchedThreads, loops: Loops, now_s: Callable[[], float]) -> None:
        self.busy = BusyThreads(threads, self._is_waiting)
        self._now_s = now_s
        self._waits: dict[threading.Thread, Wait] = {}
        self._loops = loops

    @contextmanager
    def waiting(self, wait: Wait) -> Iterator[None]:
        """The running thread is in this wait."""
        thread = threading.current_thread()
        outer = self._waits.get(thread)
        self._waits[thread] = wait
        self.busy.goes_on(thread)
        try:
            yield
        finally:
            if outer is None:
                del self._waits[thread]
            else:
                self._waits[thread] = outer

    def is_waiting(self) -> bool:
        """Whether the running thread is in a wait already: what it calls then belongs to that wait."""
        return threading.current_thread() in self._waits

    def notify(self, condition: object, n: float) -> None:
        """The condition ends up to `n` waits without a timeout, and all with one: they go on by themselves."""
        for wait in list(self._waits.values()):
            if wait.condition is condition and not wait.is_notified:
                wait.is_notified = wait.end_s < math.inf or n > 0
                n -= wait.end_s == math.inf

    def new_move(self) -> TimeMove:
        """What a thread needs that moves the time past the ends of other waits."""
        return TimeMove(self._waits, self._loops, self._now_s)

    def await_turn(self, move: TimeMove, end_s: float) -> None:
        """Return when the running thread is the next to move the time, to `end_s` at most.

        Those that sleep until an earlier moment go first; others may be about to sleep, or to wait for a call.
        """
        settling = self.settling()
        while (is_after := move.is_after_another(end_s)) or not settling.is_over():
            if is_after:
                settling = self.settling()
            elif self._now_s() >= end_s:
                return  # another thread moved the time, and waits for this one to go on
            else:
                pause(LOOK_S)

    def settling(self) -> SettlingOfAll:
        """Of the other threads and their loops, from now on."""
        return SettlingOfAll(self.busy, self._loops)

    def _is_waiting(self, thread: threading.Thread) -> bool:
        """A loop waits for its timers, which are looked at beside the waits of threads."""
        wait = self._waits.get(thread)
        return any(each.thread is thread for each in self._loops()) if wait is None else not wait.is_notified


class TimeMove:
    """One move of the time, past the ends of other waits."""

    def __init__(self, waits: dict[threading.Thread, Wait], loops: Loops, now_s: Callable[[], float]) -> None:
        self._waits = waits
        self._loops = loops
        self._now_s = now_s
        self._here = threading.current_thread()
        self._passed_over: set[object] = set()
        self._gives_up_s = monotonic() + BUDGET_S

    def next_end_s(self) -> float:
        """The next virtual moment at which another thread or loop goes on; infinite when there is none."""
        if monotonic() > self._gives_up_s:
            return math.inf
        ends = [wait.end_s for _, wait in self._others()]
        ends += [self._now_s() + other.left_s for other in self._loops() if other.loop not in self._passed_over]
        return min(ends, default=math.inf)

    def is_after_another(self, end_s: float) -> bool:
        """Whether another thread moved the time to an end before this one; returns when it has."""
        earlier = [(wait.end_s, thread, wait) for thread, wait in self._others() if wait.moves_time]
        first_s, thread, wait = min(earlier, key=itemgetter(0), default=(math.inf, None, None))
        if first_s >= end_s or thread is None or wait is None or monotonic() > self._gives_up_s:
            return False
        if not self._until(BUDGET_S, partial(self._has_left, thread, wait)):
            self._passed_over.add(wait)
        return True

    def let_go(self) -> None:
        """Return when those whose wait is over have gone on."""
        for loop, _, left_s in self._loops():
            if left_s <= 0 and loop not in self._passed_over and not run_turns(loop, LEAVE_S):
                self._passed_over.add(loop)
        now_s = self._now_s()
        over = [(thread, wait) for thread, wait in self._others() if wait.end_s <= now_s]
        for thread, wait in over:
            if not self._until(LEAVE_S, partial(self._has_left, thread, wait)):
                self._passed_over.add(wait)

    def _others(self) -> list[tuple[threading.Thread, Wait]]:
        return [
            (thread, wait)
            for thread, wait in list(self._waits.items())
            if thread is not self._here and wait not in self._passed_over and not wait.is_notified
        ]

    def _has_left(self, thread: threading.Thread, wait: Wait) -> bool:
        return self._waits.get(thread) is not wait

    def _until(self, seconds: float, is_so: Callable[[], bool]) -> bool:
        until_s = min(monotonic() + seconds, self._gives_up_s)
        while not is_so():
            if monotonic() > until_s:
                return False
            pause(LOOK_S)
        return True


class SettlingOfAll:
    """Waits, as Settling does, until other threads have begun their waits, and other loops have run what is due."""

    def __init__(self, busy: BusyThreads, loops: Loops) -> None:
        self._threads = Settling(busy)
        self._loops = loops
        self._turns: dict[Loop, threading.Lock] = {}
        self._gives_up_s = monotonic() + BEGIN_S

    def is_over(self) -> bool:
        """Threads go first: they may begin a loop."""
        return self._threads.is_over() and self._loops_are_over()

    def _loops_are_over(self) -> bool:
        for loop, _, _ in self._loops():
            if loop not in self._turns:
                self._turns[loop] = _begin_turns(loop)
        is_over = [not turns.locked() or not loop.is_running() for loop, turns in self._turns.items()]
        return all(is_over) or monotonic() > self._gives_up_s


def run_turns(loop: Loop, seconds: float) -> bool:
    """Let a loop of another thread run what is due. False when that takes longer than `seconds` of real time."""
    turns = _begin_turns(loop)
    until_s = monotonic() + seconds
    while not turns.acquire(timeout=0.02):
        if not loop.is_running():
            return True
        if monotonic() > until_s:
            return False
    return True


def _begin_turns(loop: Loop) -> threading.Lock:
    """A lock that is released after TURNS turns of the loop of another thread."""
    done = threading.Lock()

    def turn(left: int) -> None:
        if left:
            loop.call_soon(turn, left - 1)
        else:
            done.release()

    done.acquire()
    try:
        loop.call_soon_threadsafe(turn, TURNS)
    except RuntimeError:  # it was closed meanwhile: nothing in it is due
        done.release()
    return done


def pause(seconds: float) -> None:
    """Real time, whatever is replaced: time.sleep and Event.wait may be."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=seconds)
