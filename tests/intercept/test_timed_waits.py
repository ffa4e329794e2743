"""Threads and loops that wait for a call with a timeout: they give up at the same time as they would without a mock."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
import requests

from tests.helpers.clients import BASE, KEY, URL
from tests.helpers.deadlines import DEADLINE_S
from tests.intercept.timed_waits import WAITS, Wait
from volcv_mock import VolcvMock
from volcv_mock.intercept import other_waits
from volcv_mock.intercept.trio_deadlines import UnseenDeadline

SLOW_S = 10
"""Virtual seconds of the call; the waits end before or after it."""


@pytest.fixture(params=[False, True], ids=["", "virtual sleep"])
def mock(request: pytest.FixtureRequest) -> Iterator[Any]:
    with VolcvMock(seed=7).intercept(BASE, virtual_sleep=request.param) as intercepted:
        intercepted.delay(SLOW_S)
        intercepted.clock.freeze()
        yield intercepted


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as opened:
        yield opened


def by_requests(mock: Any) -> int:
    return requests.post(URL, json=mock.body(), headers=KEY, timeout=500).status_code


def by_httpx(mock: Any) -> int:
    return httpx.post(URL, json=mock.body(), headers=KEY, timeout=500).status_code


@pytest.mark.parametrize("bounded", WAITS.values(), ids=WAITS)
def test_a_wait_that_ends_before_the_response_gives_up(
    mock: Any, pool: ThreadPoolExecutor, bounded: Wait, unhurried: None
) -> None:
    with pytest.raises(TimeoutError):
        bounded(pool, partial(by_requests, mock), SLOW_S / 2)


@pytest.mark.parametrize("mock", [False], indirect=True, ids=[""])
@pytest.mark.parametrize("bounded", WAITS.values(), ids=WAITS)
def test_a_wait_that_ends_after_the_response_gets_it(mock: Any, pool: ThreadPoolExecutor, bounded: Wait) -> None:
    before_s = mock.clock.now_s()

    assert bounded(pool, partial(by_httpx, mock), SLOW_S * 500)

    assert mock.clock.now_s() - before_s == pytest.approx(SLOW_S)


def test_a_thread_that_is_older_than_the_block_waits_in_real_time() -> None:
    """A thread of another test, or of a test tool, sees no virtual time."""
    ended, stop = [], threading.Event()
    background = threading.Thread(target=lambda: ended.append(stop.wait(3600)))
    background.start()

    with VolcvMock(seed=7).intercept(BASE) as mock:
        mock.delay(7200)
        httpx.post(URL, json=mock.body(), headers=KEY, timeout=None)
    stop.set()
    background.join()

    assert ended == [True]


def test_a_periodic_thread_of_the_app_takes_its_turns(mock: Any) -> None:
    """A heartbeat every four seconds beats twice during a call of ten."""
    beats, stop, begun = [], threading.Event(), threading.Event()

    def beat() -> None:
        begun.set()
        while not stop.wait(4):
            beats.append(mock.clock.now_s())

    background = threading.Thread(target=beat)
    before_s = mock.clock.now_s()
    background.start()
    begun.wait()
    by_httpx(mock)
    stop.set()
    background.join()

    first_s, second_s = (moment_s - before_s for moment_s in beats)
    assert 0 < first_s <= 4.5  # less by what the call computed before its wait, in real time
    assert second_s - first_s == pytest.approx(4, abs=0.5)


def test_a_thread_that_cannot_go_on_is_passed_over(
    mock: Any, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is made under the lock that the waiting thread needs."""
    monkeypatch.setattr(other_waits, "LEAVE_S", 0.05)
    lock = threading.Condition()

    def work() -> int:
        with lock:
            return by_httpx(mock)

    with lock:
        call = pool.submit(work)
        lock.wait(SLOW_S / 2)

    assert call.result() == 200


def test_a_notification_is_never_missed(pool: ThreadPoolExecutor) -> None:
    """A waiting thread looks at the time again and again; what is notified between two looks ends its wait too."""
    turn, turns = threading.Condition(), 300
    count = [0]

    def play(parity: int) -> bool:
        for _ in range(turns):
            with turn:
                if not turn.wait_for(lambda: count[0] % 2 == parity, 600):
                    return False
                count[0] += 1
                turn.notify()
        return True

    with VolcvMock().intercept(BASE):
        other = pool.submit(play, 1)
        assert play(0)
        assert other.result()


def by_lock(pool: ThreadPoolExecutor, call: Any, limit_s: float) -> bool:
    lock = threading.Lock()
    lock.acquire()
    pool.submit(call).add_done_callback(lambda _: lock.release())
    return lock.acquire(timeout=limit_s)


def by_recursive_lock(pool: ThreadPoolExecutor, call: Any, limit_s: float) -> bool:
    lock, is_held = threading.RLock(), threading.Event()

    def work() -> None:
        with lock:
            is_held.set()
            call()

    pool.submit(work)
    is_held.wait()
    return lock.acquire(timeout=limit_s)


def by_simple_queue(pool: ThreadPoolExecutor, call: Any, limit_s: float) -> bool:
    answers: queue.SimpleQueue[int] = queue.SimpleQueue()
    pool.submit(lambda: answers.put(call()))
    return bool(answers.get(timeout=limit_s))


@pytest.mark.parametrize("bounded", [by_lock, by_recursive_lock, by_simple_queue], ids=lambda each: each.__name__[3:])
def test_a_timeout_that_virtual_time_does_not_reach_does_not_expire(pool: ThreadPoolExecutor, bounded: Any) -> None:
    """Types that are written in C cannot be replaced; docs/testing.md lists them."""
    with VolcvMock(seed=7).intercept(BASE) as mock:
        mock.delay(2 * DEADLINE_S)

        assert bounded(pool, partial(by_requests, mock), DEADLINE_S)


@pytest.mark.parametrize(("library", "abandon"), [("trio", False), ("anyio", True)])
def test_a_deadline_of_trio_around_a_thread_fails_loudly(library: str, abandon: bool) -> None:
    trio = pytest.importorskip("trio", reason="trio is not installed")
    to_thread = {"trio": trio.to_thread, "anyio": anyio.to_thread}[library]

    with VolcvMock(seed=7).intercept(BASE) as mock:
        mock.delay(SLOW_S)

        async def app(limit_s: float) -> object:
            with trio.fail_after(limit_s):
                return await to_thread.run_sync(partial(by_requests, mock), abandon_on_cancel=abandon)

        assert trio.run(app, SLOW_S * 2) == 200
        with pytest.raises(UnseenDeadline, match="a deadline of trio ends in"):
            trio.run(app, SLOW_S / 2)
        mock.missing_timeouts.clear()


REPLACED = {
    threading.Condition: ["wait", "wait_for", "notify", "notify_all"],
    threading.Semaphore: ["acquire"],
    threading.Thread: ["join"],
    queue.Queue: ["get", "put"],
    asyncio.BaseEventLoop: ["time"],
    time: ["monotonic"],
}


def test_everything_is_the_real_one_again_after_the_block() -> None:
    def now() -> list[object]:
        return [getattr(owner, name) for owner, names in REPLACED.items() for name in names]

    before = now()

    with VolcvMock().intercept(BASE):
        assert all(here is not there for here, there in zip(before, now(), strict=True))

    assert now() == before


def test_with_real_time_nothing_is_replaced() -> None:
    before = threading.Condition.wait

    with VolcvMock().intercept(BASE, real_time=True):
        assert threading.Condition.wait is before
