"""How an intercepted client waits: the mock's clock jumps, or this process really sleeps.

In virtual time the clock moves forward to a moment, so waits that overlap do not add up (timeline.py).
client_time.py lets the client's own sleeping and clocks follow, timed_waits.py its waits with a timeout.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from volcv_mock.intercept.other_waits import pause
from volcv_mock.intercept.timeline import Timeline, running_loop
from volcv_mock.intercept.trio_deadlines import refuse_trio_deadline
from volcv_mock.simulation.clock import Clock

LOOK_S = 0.02
"""How often a coroutine that waits in real time checks whether the clock was moved."""
SETTLE_S, SETTLE_ROUNDS = 0.005, 10
"""How long, in real time, a thread lets others arrive before it moves the clock; repeated while some do."""


class Pace(Protocol):
    """Both ways of waiting until a moment of the mock's clock."""

    is_virtual: bool

    def called(self, clock: Clock) -> None:
        """The running thread and task made a call in the scope of this clock."""

    def answering(self) -> AbstractContextManager[None]:
        """The running thread computes the answer to a call."""

    def gather(self) -> None:
        """Let threads that call at about the same time arrive first."""

    def wait(self, clock: Clock, moment_s: float) -> None:
        """Return when the clock shows `moment_s`."""

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Return when the clock shows `moment_s`; the event loop goes on meanwhile."""


class VirtualPace:
    """No real time passes while a client waits for a response."""

    is_virtual = True

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._arrived = 0

    def called(self, clock: Clock) -> None:
        """Let virtual time move for this thread and task."""
        self.timeline.add_caller(clock)

    def answering(self) -> AbstractContextManager[None]:
        """Virtual time stands still meanwhile."""
        return self.timeline.others.busy.answering()

    def gather(self) -> None:
        """Let threads that call at about the same time arrive first: their waits overlap. A lone thread goes on."""
        self._arrived += 1
        if threading.active_count() == 1:
            return
        for _ in range(SETTLE_ROUNDS):
            seen = self._arrived
            pause(SETTLE_S)
            if seen == self._arrived:
                return

    def wait(self, clock: Clock, moment_s: float) -> None:
        """Move the clock to `moment_s` at once."""
        if (seconds := moment_s - clock.now_s()) > 0:
            refuse_trio_deadline(seconds)
            self.timeline.move(((clock, moment_s),))

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Tasks that call at the same time arrive first: their waits overlap with this one."""
        from anyio.lowlevel import checkpoint  # lazy: httpx brings it, other clients do without

        loop, seconds = running_loop(), moment_s - clock.now_s()
        if loop and seconds > 0:
            await self.timeline.move_on_loop(loop, ((clock, moment_s),))
            return
        await checkpoint()
        self.wait(clock, moment_s)


class RealPace:
    """Sleeps until the moment, or until the clock is moved there."""

    is_virtual = False

    def called(self, clock: Clock) -> None:
        """Nothing follows: all clocks show real time."""

    def answering(self) -> AbstractContextManager[None]:
        """Nothing to do: no time stands still."""
        return nullcontext()

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
