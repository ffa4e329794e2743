"""What is virtual inside an intercept, and for whom: sleeping, event loops, deadlines, background work."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest

from tests.helpers.clients import BASE, KEY, URL
from tests.helpers.virtual_calls import post, post_async
from volcv_mock import VolcvMock
from volcv_mock.intercept import client_time
from volcv_mock.intercept.trio_deadlines import UnseenDeadline, refuse_trio_deadline


def test_a_thread_without_calls_sleeps_really_and_moves_no_clock(virtual: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log flusher or a heartbeat would otherwise turn without a pause, and drag the clock with it."""
    virtual.clock.freeze()
    before_s = virtual.clock.now_s()
    slept_s: list[float] = []
    monkeypatch.setattr(client_time, "_real_sleep", slept_s.append)

    background = threading.Thread(target=lambda: time.sleep(60))
    background.start()
    background.join()

    assert slept_s == [60]
    assert virtual.clock.now_s() == before_s


def test_a_worker_thread_that_calls_sleeps_in_virtual_time(virtual: Any) -> None:
    def work() -> float:
        before_s = time.monotonic()
        post(virtual)
        time.sleep(600)
        return time.monotonic() - before_s

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() >= 600


def test_sleeping_moves_the_clock_of_the_scope_that_was_called(virtual: Any) -> None:
    scope = {"X-Volcv-Mock-Scope": "other"}
    post(virtual, **scope)

    time.sleep(60)
    post(virtual, **scope)

    first, second = virtual.world.journal.entries("other")
    assert second.time_s - first.time_s >= 60


@pytest.mark.parametrize("wrong", [-1, "1"])
def test_a_wrong_sleep_raises_what_it_always_raises(virtual: Any, wrong: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        time.sleep(wrong)


# --- deadlines around a call


DEADLINE_S, COMPUTING_S = 200.0, 20.0
"""A deadline beside which it does not matter how long a slow machine computes before the call waits, in real time."""


async def by_timeout(call: Awaitable[Any]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await call


async def by_wait_for(call: Awaitable[Any]) -> None:
    await asyncio.wait_for(call, DEADLINE_S)


async def by_anyio(call: Awaitable[Any]) -> None:
    with anyio.fail_after(DEADLINE_S):
        await call


DEADLINES = {"asyncio.timeout": by_timeout, "asyncio.wait_for": by_wait_for, "anyio.fail_after": by_anyio}


@pytest.mark.parametrize("virtual_sleep", [False, True], ids=["", "virtual sleep"])
@pytest.mark.parametrize("bounded", DEADLINES.values(), ids=DEADLINES)
def test_a_deadline_before_the_response_fires_at_its_time(bounded: Any, virtual_sleep: bool) -> None:
    with VolcvMock(seed=7).intercept(BASE, virtual_sleep=virtual_sleep) as virtual:
        virtual.delay(2 * DEADLINE_S)
        virtual.clock.freeze()
        before_s = virtual.clock.now_s()

        with pytest.raises(TimeoutError):
            asyncio.run(bounded(post_async(virtual)))

        assert virtual.clock.now_s() - before_s == pytest.approx(DEADLINE_S, abs=COMPUTING_S)
        call = virtual.calls.last.entry
        assert (call.client, call.code, call.delivered) == ("left_early", None, "left_early")
        assert call.delay_s == pytest.approx(DEADLINE_S, abs=COMPUTING_S)


@pytest.mark.parametrize("bounded", DEADLINES.values(), ids=DEADLINES)
def test_a_deadline_after_the_response_does_not_fire(virtual: Any, bounded: Any) -> None:
    virtual.delay(3)

    asyncio.run(bounded(post_async(virtual)))

    assert virtual.calls.last.code == 10000


def test_a_hang_without_a_read_timeout_fails_although_a_deadline_surrounds_it(virtual: Any) -> None:
    virtual.fault("hang")

    async def call() -> None:
        async with asyncio.timeout(5), httpx.AsyncClient(timeout=None) as client:
            await client.post(URL, json=virtual.body(), headers=KEY)

    with pytest.raises(AssertionError, match="no read timeout"):
        asyncio.run(call())
    virtual.missing_timeouts.clear()


def test_a_trio_deadline_before_the_response_fails_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    trio = SimpleNamespace(current_effective_deadline=lambda: 105.0, current_time=lambda: 100.0)
    monkeypatch.setitem(sys.modules, "trio", trio)

    refuse_trio_deadline(4.0)
    with pytest.raises(UnseenDeadline, match="a deadline of trio ends in 5 s"):
        refuse_trio_deadline(10.0)


# --- the event loop


def test_the_loops_time_moves_and_never_back(virtual: Any) -> None:
    async def app() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        await post_async(virtual)
        before_s = loop.time()
        await asyncio.sleep(60)
        within_s = loop.time()
        virtual.stop(quiet=True)
        return within_s - before_s, loop.time() - within_s

    moved_s, afterwards_s = asyncio.run(app())
    virtual.start()

    assert moved_s >= 60
    assert afterwards_s >= 0


def test_a_background_task_runs_in_its_turn_and_does_not_drag_the_clock(virtual: Any) -> None:
    virtual.delay(2 * DEADLINE_S)
    virtual.clock.freeze()
    before_s = virtual.clock.now_s()
    beats = []

    async def heartbeat() -> None:
        while True:
            await asyncio.sleep(120)
            beats.append(virtual.clock.now_s() - before_s)

    async def app() -> None:
        beating = asyncio.create_task(heartbeat())
        await post_async(virtual)
        beating.cancel()

    asyncio.run(app())

    assert beats == [pytest.approx(moment_s, abs=COMPUTING_S) for moment_s in (120, 240, 360)]
    assert virtual.clock.now_s() - before_s == pytest.approx(2 * DEADLINE_S, abs=COMPUTING_S)


def test_a_task_that_sleeps_for_ever_holds_nothing_up(virtual: Any) -> None:
    virtual.delay(10)

    async def app() -> int:
        waiting = asyncio.create_task(asyncio.sleep(math.inf))
        reply = await post_async(virtual)
        await asyncio.sleep(60)
        waiting.cancel()
        return reply.status_code

    assert asyncio.run(app()) == 200


def test_tasks_that_wait_for_different_times_end_in_the_order_of_their_ends(virtual: Any) -> None:
    ended = []

    async def call(seconds: float) -> None:
        await post_async(virtual)
        await asyncio.sleep(seconds)
        await asyncio.sleep(seconds)
        ended.append(seconds)

    async def app() -> None:
        await asyncio.gather(call(30), call(10), call(20))

    before_s = virtual.clock.now_s()
    asyncio.run(app())

    assert ended == [10, 20, 30]
    assert 60 <= virtual.clock.now_s() - before_s < 70
