"""How an intercepted client waits: the mock's clock jumps, or this process really sleeps.

In virtual time the clock moves forward to a moment, so waits that overlap do not add up. The event loop's time moves
with it, in steps from one timer to the next, so that deadlines of asyncio and anyio expire in their order.
client_time.py lets the client's own sleeping and clocks follow.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from volcv_mock.simulation.clock import Clock

LOOK_S = 0.02
"""How often a coroutine that waits in real time checks whether the clock was moved."""
SETTLE_S, SETTLE_ROUNDS = 0.005, 10
"""How long, in real time, a thread lets others arrive before it moves the clock; repeated while some do."""
SETTLE_TURNS = 5
"""Turns of the event loop before its time moves: woken tasks may begin an earlier wait."""
MOST_STEPS = 10_000
"""Timers that may fire during one wait; beyond it the time moves to the end of the wait at once."""


class UnseenDeadline(AssertionError):
    """A deadline around the call ends before the wait does, and its clock cannot be moved."""


class Pace(Protocol):
    """Both ways of waiting until a moment of the mock's clock."""

    is_virtual: bool

    def called(self, clock: Clock) -> None:
        """The running thread and task made a call in the scope of this clock."""

    def gather(self) -> None:
        """Let threads that call at about the same time arrive first."""

    def wait(self, clock: Clock, moment_s: float) -> None:
        """Return when the clock shows `moment_s`."""

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Return when the clock shows `moment_s`; the event loop goes on meanwhile."""


class LoopTime:
    """Replaces `time` of one event loop for as long as the loop exists, since its timers are set by it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.offset_s = loop.time() - monotonic()

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
        self.callers: WeakSet[Any] = WeakSet()
        self.joined_at_s: WeakKeyDictionary[threading.Thread, float] = WeakKeyDictionary()
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopTime] = WeakKeyDictionary()
        self._waiting: list[float] = []
        self._last_clock = threading.local()
        self._lock = threading.Lock()

    def now_s(self) -> float:
        """Real monotonic seconds and the virtual ones."""
        return monotonic() + self.shift_s

    def add_caller(self, clock: Clock) -> None:
        """The running thread, and its task, have made a call in the scope of this clock."""
        thread, loop = threading.current_thread(), running_loop()
        self.callers.add(thread)
        self.joined_at_s.setdefault(thread, self.shift_s)
        self._last_clock.value = clock
        task = asyncio.current_task(loop) if loop else None
        if loop and task:
            self.callers.add(task)
            self._follow(loop)

    def last_clock(self) -> Clock | None:
        """The clock of the scope in which the running thread made its last call."""
        found: Clock | None = getattr(self._last_clock, "value", None)
        return found

    def move(self, clocks: Clocks, seconds: float) -> None:
        """Let seconds pass at once."""
        if seconds > 0:
            self._step(ends_of(clocks, seconds), seconds)

    async def move_on_loop(self, loop: asyncio.AbstractEventLoop, clocks: Clocks, seconds: float) -> None:
        """Let seconds pass timer by timer; a wait that ends earlier goes first."""
        ends = ends_of(clocks, seconds)
        if not self._follow(loop):
            self._step(ends, seconds)
            return
        until_s = self.now_s() + seconds
        with self._waits(until_s):
            for step in range(MOST_STEPS):
                await self._settle(until_s)
                left_s = until_s - self.now_s()
                if left_s <= 0:
                    break
                self._step(ends, left_s if step == MOST_STEPS - 1 else min(left_s, _next_timer_s(loop)))
        for clock, end_s in ends:
            clock.move_to(end_s)  # a frozen clock did not see the real time that passed meanwhile
        await _Turn()  # a deadline that is due now cancels the task here

    def _step(self, ends: Ends, seconds: float) -> None:
        """Let some of the seconds pass; no clock goes beyond its end."""
        moments = [min(end_s, clock.now_s() + seconds) for clock, end_s in ends]
        self._shift(seconds)
        for (clock, _), moment_s in zip(ends, moments, strict=True):
            clock.move_to(moment_s)

    async def _settle(self, until_s: float) -> None:
        quiet = 0
        while quiet < SETTLE_TURNS and self.now_s() < until_s:
            before = (self.shift_s, len(self._waiting))
            await _Turn()
            is_first = until_s <= min(self._waiting)
            quiet = quiet + 1 if is_first and before == (self.shift_s, len(self._waiting)) else 0

    @contextmanager
    def _waits(self, until_s: float) -> Iterator[None]:
        self._waiting.append(until_s)
        try:
            yield
        finally:
            self._waiting.remove(until_s)

    def _follow(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether the loop's time can be moved: uvloop's cannot."""
        if loop in self._loops:
            return True
        current = loop.time
        loop_time = current if isinstance(current, LoopTime) else LoopTime(loop)
        try:
            loop.time = loop_time  # type: ignore[method-assign]
        except AttributeError:
            return False
        self._loops[loop] = loop_time
        return True

    def _shift(self, seconds: float) -> None:
        here = running_loop()
        with self._lock:
            self.shift_s += seconds
            for loop, loop_time in list(self._loops.items()):
                loop_time.offset_s += seconds
                if loop is not here and loop.is_running():
                    loop.call_soon_threadsafe(lambda: None)  # it sleeps until its next timer, which may be due now


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
    return max(0.0, min((each.when() for each in timers if not each.cancelled()), default=float("inf")) - loop.time())


class VirtualPace:
    """No real time passes while a client waits for a response."""

    is_virtual = True

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._arrived = 0

    def called(self, clock: Clock) -> None:
        """Let virtual time move for this thread and task."""
        self.timeline.add_caller(clock)

    def gather(self) -> None:
        """Let threads that call at about the same time arrive first: their waits overlap. A lone thread goes on."""
        self._arrived += 1
        if threading.active_count() == 1:
            return
        pause = threading.Event()  # time.sleep may be replaced
        for _ in range(SETTLE_ROUNDS):
            seen = self._arrived
            pause.wait(SETTLE_S)
            if seen == self._arrived:
                return

    def wait(self, clock: Clock, moment_s: float) -> None:
        """Move the clock to `moment_s` at once."""
        self.timeline.move((clock,), moment_s - clock.now_s())

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Tasks that call at the same time arrive first: their waits overlap with this one."""
        from anyio.lowlevel import checkpoint  # lazy: httpx brings it, other clients do without

        loop, seconds = running_loop(), moment_s - clock.now_s()
        if loop and seconds > 0:
            await self.timeline.move_on_loop(loop, (clock,), seconds)
            return
        if not loop:
            refuse_trio_deadline(seconds)
        await checkpoint()
        self.timeline.move((clock,), moment_s - clock.now_s())


def refuse_trio_deadline(seconds: float) -> None:
    """Raises UnseenDeadline when a deadline of trio ends before the wait does. trio reads a clock of its own."""
    trio = sys.modules.get("trio")
    left_s = trio.current_effective_deadline() - trio.current_time() if trio else float("inf")
    if left_s < seconds:
        raise UnseenDeadline(
            f"the response comes after {seconds:g} s and a deadline of trio ends in {left_s:g} s: virtual time does "
            "not move trio's clock. Use real_time=True, or the client's own timeout."
        )


class RealPace:
    """Sleeps until the moment, or until the clock is moved there."""

    is_virtual = False

    def called(self, clock: Clock) -> None:
        """Nothing follows: all clocks show real time."""

    def gather(self) -> None:
        """Nothing to do: real time passes for all threads at once."""

    def wait(self, clock: Clock, moment_s: float) -> None:
        """Sleep until the clock shows `moment_s`; moving the clock there ends the sleep."""
        moved = threading.Event()
        unsubscribe = clock.subscribe(moved.set)
        try:
            while (left_s := clock.remaining_s(moment_s)) != 0:
                moved.wait(left_s)
                moved.clear()
        finally:
            unsubscribe()

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Sleep in the loop until the clock shows `moment_s`, looking at the clock every LOOK_S seconds."""
        from anyio import sleep  # lazy, for the same reason

        while (left_s := clock.remaining_s(moment_s)) != 0:
            await sleep(LOOK_S if left_s is None else min(left_s, LOOK_S))
