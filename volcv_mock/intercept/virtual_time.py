"""How waiting is done inside an intercept: the mock's clock jumps, or this process really sleeps.

In virtual time the clock moves to a moment and never back, so waits that overlap do not add up.
`ClientSleep` lets the client's own sleeping move that clock too.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol
from unittest import mock

from volcv_mock.simulation.clock import Clock

LOOK_S = 0.02
"""How often a coroutine that waits in real time looks whether the clock was moved."""
SETTLE_S, SETTLE_ROUNDS = 0.005, 10
"""How long, really, a thread lets others arrive before it moves the clock; again while some do."""


class Pace(Protocol):
    """Both ways of waiting until a moment of the mock's clock."""

    is_virtual: bool

    def gather(self) -> None: ...

    def wait(self, clock: Clock, moment_s: float) -> None: ...

    async def await_(self, clock: Clock, moment_s: float) -> None: ...


class VirtualPace:
    """Nobody sleeps for as long as an answer takes."""

    is_virtual = True

    def __init__(self) -> None:
        self._arrived = 0

    def gather(self) -> None:
        """Threads that call at about the same time arrive first: their waits overlap. A lone thread goes on."""
        self._arrived += 1
        if threading.active_count() == 1:
            return
        pause = threading.Event()  # time.sleep may be the mock's own just now
        for _ in range(SETTLE_ROUNDS):
            seen = self._arrived
            pause.wait(SETTLE_S)
            if seen == self._arrived:
                return

    def wait(self, clock: Clock, moment_s: float) -> None:
        clock.move_to(moment_s)

    async def await_(self, clock: Clock, moment_s: float) -> None:
        """Others that call at the same time arrive first: their waits overlap with this one."""
        from anyio.lowlevel import checkpoint  # lazy: httpx brings it, other clients do without

        await checkpoint()
        clock.move_to(moment_s)


class RealPace:
    """Sleeps until the moment comes, or somebody moves the clock there."""

    is_virtual = False

    def gather(self) -> None:
        """Real time passes for all of them at once."""

    def wait(self, clock: Clock, moment_s: float) -> None:
        moved = threading.Event()
        unsubscribe = clock.subscribe(moved.set)
        try:
            while (left_s := clock.remaining_s(moment_s)) != 0:
                moved.wait(left_s)
                moved.clear()
        finally:
            unsubscribe()

    async def await_(self, clock: Clock, moment_s: float) -> None:
        from anyio import sleep  # lazy, for the same reason

        while (left_s := clock.remaining_s(moment_s)) != 0:
            await sleep(LOOK_S if left_s is None else min(left_s, LOOK_S))


class ClientSleep:
    """While open, `time.sleep` and `asyncio.sleep` move the mock's clock and return at once."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self._yield_once = time.sleep
        self._patches = [
            mock.patch.object(time, "sleep", self._sleep),
            mock.patch.object(asyncio, "sleep", self._asleep()),
        ]

    def start(self) -> None:
        for patch in self._patches:
            patch.start()

    def stop(self) -> None:
        for patch in self._patches:
            patch.stop()

    def _sleep(self, seconds: float, /) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        clock = self._clock()
        moment_s = clock.now_s() + seconds
        self._yield_once(0)  # other threads sleep at the same time, not after this one
        clock.move_to(moment_s)

    def _asleep(self) -> Any:
        yield_once = asyncio.sleep

        async def sleep(delay: float, result: Any = None) -> Any:
            clock = self._clock()
            moment_s = clock.now_s() + max(0.0, delay)
            await yield_once(0)
            if delay > 0:
                clock.move_to(moment_s)
            return result

        return sleep
