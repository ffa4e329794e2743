"""The virtual seconds of one intercept: they move clocks and event loops, in steps from one end of a wait to the next.

So deadlines of asyncio and anyio, and the timed waits of other threads, expire in their order.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from time import monotonic
from weakref import WeakKeyDictionary

from volcv_mock.intercept.other_waits import BUDGET_S, LOOK_S, OtherLoop, OtherWaits, TimeMove, Wait, pause
from volcv_mock.intercept.watched_threads import WatchedThreads
from volcv_mock.simulation.clock import Clock

SETTLE_TURNS = 5
"""Turns of the event loop before its time moves: woken tasks may begin an earlier wait."""
MOST_STEPS = 10_000
"""Timers that may fire during one wait; beyond it the time moves to the end of the wait at once."""


class LoopTime:
    """Replaces `time` of one event loop for as long as the loop exists, since its timers are set by it."""

    def __init__(self, offset_s: float) -> None:
        self.offset_s = offset_s
        self.thread = threading.current_thread()

    def __call__(self) -> float:
        """The event loop's time: real monotonic seconds plus the virtual ones."""
        return monotonic() + self.offset_s


Clocks = tuple[Clock, ...]
Ends = tuple[tuple[Clock, float], ...]
"""Clocks, and the moment at which a wait ends on each."""


def ends_of(clocks: Clocks, seconds: float) -> Ends:
    """The moment at which each clock will show `seconds` more than now."""
    return tuple((clock, clock.now_s() + seconds) for clock in clocks)


class Timeline:
    """The virtual seconds of one intercept, and who spends them: threads and tasks that made an intercepted call."""

    def __init__(self) -> None:
        self.shift_s = 0.0
        self.threads = WatchedThreads()
        self.joined_at_s: WeakKeyDictionary[threading.Thread, float] = WeakKeyDictionary()
        self.others = OtherWaits(self.threads, self._other_loops, self.now_s)
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopTime] = WeakKeyDictionary()
        self._waiting: list[tuple[float, asyncio.AbstractEventLoop]] = []
        self._last_clock = threading.local()
        self._lock = threading.Lock()
        self._revisions = count(1)
        self._revision = 0
        """Changes when time is moved and when a sleep is over, which real time may end too."""

    def now_s(self) -> float:
        """Real monotonic seconds and the virtual ones."""
        return monotonic() + self.shift_s

    def add_caller(self, clock: Clock) -> None:
        """The running thread, and its task, have made a call in the scope of this clock."""
        thread, loop = threading.current_thread(), running_loop()
        self.threads.callers.add(thread)
        self.others.busy.goes_on(thread)
        if self.threads.is_older(thread):
            self.joined_at_s.setdefault(thread, self.shift_s)
        self._last_clock.value = clock
        task = asyncio.current_task(loop) if loop else None
        if loop and task:
            self.threads.callers.add(task)
            self.follow(loop)

    def last_clock(self) -> Clock | None:
        """The clock of the scope in which the running thread made its last call."""
        found: Clock | None = getattr(self._last_clock, "value", None)
        return found

    def move(self, ends: Ends) -> None:
        """Let time pass until these ends; what ends earlier in other threads and loops goes first."""
        until_s = self._until_s(ends)
        with self.others.waiting(Wait(until_s, moves_time=True)):
            move = self.others.new_move()
            self._await_turn(move, until_s)
            while (next_s := move.next_end_s()) < until_s:
                self._step(ends, next_s)
                move.let_go()
                self._await_turn(move, until_s)
            self._step(ends, until_s)
        _reach(ends)

    def _await_turn(self, move: TimeMove, until_s: float) -> None:
        """As OtherWaits.await_turn, and again after a change: who has woken up may sleep again."""
        settled = -1
        while settled != self._revision:
            settled = self._revision
            self.others.await_turn(move, until_s)

    async def move_on_loop(self, loop: asyncio.AbstractEventLoop, ends: Ends) -> None:
        """Let time pass timer by timer; a wait that ends earlier goes first."""
        until_s = self._until_s(ends)
        if not self.follow(loop):
            self._step(ends, until_s)
            return
        with self._waits(until_s, loop):
            move = self.others.new_move()
            for step in range(MOST_STEPS):
                await self._settle(until_s, loop)
                now_s = self.now_s()
                if until_s <= now_s:
                    break
                next_s = min(until_s, now_s + _next_timer_s(loop), move.next_end_s())
                self._step(ends, until_s if step == MOST_STEPS - 1 else next_s)
                move.let_go()
        _reach(ends)
        await _Turn()  # a deadline that is due now cancels the task here

    async def _others_have_begun(self) -> None:
        """As OtherWaits.await_turn, while this loop goes on: other loops may wait for it in the same way."""
        settling = self.others.settling()
        while not settling.is_over():
            await _Turn()
            pause(LOOK_S)

    def _until_s(self, ends: Ends) -> float:
        """The moment of this timeline at which the first of the ends is reached."""
        with self._lock:
            clock, end_s = ends[0]
            return self.now_s() + end_s - clock.now_s()

    def _step(self, ends: Ends, until_s: float) -> None:
        """Let time pass until a moment of this timeline; no clock goes beyond its end."""
        with self._lock:
            seconds = max(0.0, until_s - self.now_s())
            moments = [min(end_s, clock.now_s() + seconds) for clock, end_s in ends]
            self._shift(seconds)
        for (clock, _), moment_s in zip(ends, moments, strict=True):
            clock.move_to(moment_s)

    async def _settle(self, until_s: float, loop: asyncio.AbstractEventLoop) -> None:
        """Return when no wait ends earlier than this one, and the tasks of its loop have begun theirs.

        Another loop may be blocked, even by this one, and then does not end its earlier wait: it is passed over.
        """
        quiet, settled, gives_up_s = 0, -1, monotonic() + BUDGET_S
        while quiet < SETTLE_TURNS and self.now_s() < until_s:
            if settled != self._revision:  # who has woken up may sleep again
                settled = self._revision
                await self._others_have_begun()
            before = (settled, len(self._waiting))
            await _Turn()
            is_first_here = until_s <= self._first_end_s(loop)
            is_first = is_first_here and (until_s <= self._first_end_s() or monotonic() > gives_up_s)
            quiet = quiet + 1 if is_first and before == (self._revision, len(self._waiting)) else 0
            if is_first_here and not is_first:
                pause(LOOK_S)

    def _first_end_s(self, loop: asyncio.AbstractEventLoop | None = None) -> float:
        """The end of the wait that ends first, of this loop's or of all."""
        ends = [end_s for end_s, of_loop in list(self._waiting) if loop in (None, of_loop)]
        return min(ends, default=math.inf)

    @contextmanager
    def _waits(self, until_s: float, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        self._waiting.append(wait := (until_s, loop))
        try:
            yield
        finally:
            self._waiting.remove(wait)
            self._revision = next(self._revisions)

    def follow(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether the loop's time can be moved: uvloop's cannot. The running thread is the loop's."""
        if loop in self._loops:
            return True
        current = loop.time
        is_usual = type(loop).time is asyncio.BaseEventLoop.time  # it may be replaced: see timed_waits.py
        loop_time = current if isinstance(current, LoopTime) else LoopTime(0.0 if is_usual else current() - monotonic())
        try:
            loop.time = loop_time  # type: ignore[method-assign]
        except AttributeError:
            return False
        self._loops[loop] = loop_time
        return True

    def _shift(self, seconds: float) -> None:
        self.shift_s += seconds
        self._revision = next(self._revisions)
        for loop_time in list(self._loops.values()):
            loop_time.offset_s += seconds
        for other in self._other_loops():
            with suppress(RuntimeError):  # it was closed meanwhile
                other.loop.call_soon_threadsafe(lambda: None)  # it sleeps until its next timer, which may be due now

    def _other_loops(self) -> list[OtherLoop]:
        here = running_loop()
        loops = [(loop, time.thread) for loop, time in list(self._loops.items()) if loop is not here]
        return [OtherLoop(loop, thread, self._left_s(loop)) for loop, thread in loops if loop.is_running()]

    def _left_s(self, loop: asyncio.AbstractEventLoop) -> float:
        """Seconds until a timer of the loop fires or a task of it ends a virtual sleep."""
        return min(_next_timer_s(loop), max(0.0, self._first_end_s(loop) - self.now_s()))


def _reach(ends: Ends) -> None:
    for clock, end_s in ends:
        clock.move_to(end_s)  # a frozen clock did not see the real time that passed meanwhile


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The asyncio loop that runs in this thread, or None (a thread without a loop, trio)."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class _Turn:
    """Await it for one turn of the event loop: asyncio.sleep may be replaced, anyio's checkpoint is no single turn."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def _next_timer_s(loop: asyncio.AbstractEventLoop) -> float:
    """Seconds until the loop's earliest timer; infinite when there is none."""
    timers = getattr(loop, "_scheduled", ())
    return max(0.0, min((each.when() for each in timers if not each.cancelled()), default=math.inf) - loop.time())
