"""Event loops in several threads that sleep at the same time in virtual time: their sleeps overlap."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.helpers.virtual_calls import SLEEP_S, post, post_async, spent_s
from tests.intercept.conftest import BOUNDS

COMPUTING_S = SLEEP_S / 4
"""What may be computed meanwhile, in real time."""

Work = Callable[[], Awaitable[object]]


@pytest.fixture
def frozen(virtual: Any) -> Any:
    virtual.clock.freeze()
    return virtual


def in_loops(*works: Work) -> None:
    """Each in an event loop and a thread of its own, all at the same time."""
    ready = threading.Barrier(len(works))

    def run(work: Work) -> None:
        ready.wait()
        asyncio.run(work())  # type: ignore[arg-type]

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, works))


async def sleeps(mock: Any, *seconds: float) -> list[float]:
    """A call, then these sleeps; the moments of the loop's time at which they ended."""
    await post_async(mock)
    loop, ended_s = asyncio.get_running_loop(), []
    began_s = loop.time()
    for each in seconds:
        await asyncio.sleep(each)
        ended_s.append(loop.time() - began_s)
    return ended_s


def test_loops_sleep_at_the_same_time(frozen: Any, unhurried: None) -> None:
    def work() -> None:
        in_loops(*[lambda: sleeps(frozen, SLEEP_S, SLEEP_S)] * 3)

    assert spent_s(frozen, work) == pytest.approx(2 * SLEEP_S, abs=COMPUTING_S)


def test_calls_that_block_their_loop_are_waited_for(frozen: Any, unhurried: None) -> None:
    async def poll() -> None:
        for _ in range(3):
            post(frozen)
            await asyncio.sleep(SLEEP_S)

    assert spent_s(frozen, lambda: in_loops(poll, poll, poll)) == pytest.approx(3 * SLEEP_S, abs=COMPUTING_S)


def test_loops_wake_up_in_the_order_of_the_ends_of_their_sleeps(frozen: Any, unhurried: None) -> None:
    woken: list[tuple[float, int]] = []
    began_s = frozen.clock.now_s()

    def poller(every: int) -> Work:
        async def poll() -> None:
            for _ in range(6 // every):
                post(frozen)
                await asyncio.sleep(every * SLEEP_S)
                woken.append((frozen.clock.now_s() - began_s, every))

        return poll

    in_loops(*map(poller, (1, 2, 3)))

    assert sorted(woken) == [
        (pytest.approx(moment * SLEEP_S, abs=COMPUTING_S), every)
        for moment, every in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 3), (4, 1), (4, 2), (5, 1), (6, 1), (6, 2), (6, 3)]
    ]


def test_a_thread_and_a_loop_sleep_at_the_same_time(frozen: Any, unhurried: None) -> None:
    woken: list[tuple[str, float]] = []
    began_s = frozen.clock.now_s()

    def note(who: str) -> None:
        woken.append((who, frozen.clock.now_s() - began_s))

    def in_thread() -> None:
        post(frozen)
        time.sleep(2 * SLEEP_S)
        note("thread")

    async def in_loop() -> None:
        post(frozen)
        for _ in range(3):
            await asyncio.sleep(SLEEP_S)
            note("loop")

    with ThreadPoolExecutor(1) as pool:
        slept = pool.submit(in_thread)
        in_loops(in_loop)
        slept.result()

    assert sorted(woken) == [
        *[("loop", pytest.approx(moment * SLEEP_S, abs=COMPUTING_S)) for moment in (1, 2, 3)],
        ("thread", pytest.approx(2 * SLEEP_S, abs=COMPUTING_S)),
    ]


def test_a_loop_that_waits_for_another_one_is_passed_over(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is blocked until the other one has slept longer than its own task, which ends its sleep late."""
    for module, names in BOUNDS.items():
        for name in names:
            monkeypatch.setattr(module, name, 0.01)
    loops: list[asyncio.AbstractEventLoop] = []
    is_open, is_asleep, is_over = threading.Event(), threading.Event(), threading.Event()

    async def short() -> None:
        await post_async(frozen)
        is_asleep.set()
        await asyncio.sleep(SLEEP_S)

    async def asked() -> None:
        post(frozen)
        loops.append(asyncio.get_running_loop())
        is_open.set()
        while not is_over.is_set():
            await asyncio.sleep(0)

    async def asking() -> None:
        sleeping = asyncio.create_task(short())
        while not is_asleep.is_set():
            await asyncio.sleep(0)
        is_open.wait()
        asyncio.run_coroutine_threadsafe(sleeps(frozen, 2 * SLEEP_S), loops[0]).result()
        is_over.set()
        await sleeping

    assert spent_s(frozen, lambda: in_loops(asked, asking)) == pytest.approx(2 * SLEEP_S, abs=COMPUTING_S)
