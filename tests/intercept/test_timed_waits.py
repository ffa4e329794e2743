"""Threads and loops that wait for a call with a timeout: they give up at the same time as they would without a mock."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
import requests

from volcv_mock import VolcvMock
from volcv_mock.intercept import other_waits
from volcv_mock.intercept.trio_deadlines import UnseenDeadline

BASE = "https://api.example.com"
URL = f"{BASE}/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-test"}
SLOW_S = 10
"""Virtual seconds of the call; the waits below end before or after it."""


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


Wait = Callable[[ThreadPoolExecutor, Callable[[], int], float], object]


def by_result(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    return pool.submit(call).result(timeout=limit_s)


def by_wait(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    done, _ = wait([pool.submit(call)], timeout=limit_s)
    return bool(done) or _too_late()


def by_as_completed(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    return list(as_completed([pool.submit(call)], timeout=limit_s))


def by_event(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    done = threading.Event()
    pool.submit(call).add_done_callback(lambda _: done.set())
    return done.wait(limit_s) or _too_late()


def by_short_waits(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    """As a progress display waits."""
    done = threading.Event()
    pool.submit(call).add_done_callback(lambda _: done.set())
    return any(done.wait(limit_s / 4) for _ in range(4)) or _too_late()


def by_queue(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    answers: queue.Queue[int] = queue.Queue()
    pool.submit(lambda: answers.put(call()))
    try:
        return answers.get(timeout=limit_s)
    except queue.Empty:
        return _too_late()


def by_semaphore(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    done = threading.Semaphore(0)
    pool.submit(call).add_done_callback(lambda _: done.release())
    return done.acquire(timeout=limit_s) or _too_late()


def by_barrier(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    both = threading.Barrier(2)
    pool.submit(call).add_done_callback(lambda _: both.wait())
    try:
        return both.wait(limit_s) + 1
    except threading.BrokenBarrierError:
        return _too_late()


def by_map(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    return list(pool.map(lambda _: call(), range(1), timeout=limit_s))


def by_full_queue(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    work: queue.Queue[int] = queue.Queue(1)
    work.put(1)
    pool.submit(call).add_done_callback(lambda _: work.get())
    try:
        work.put(2, timeout=limit_s)
    except queue.Full:
        return _too_late()
    return True


def by_timer(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    """A watchdog."""
    is_late = threading.Event()
    timer = threading.Timer(limit_s, is_late.set)
    timer.start()
    pool.submit(call).result()
    timer.cancel()
    timer.join()
    return not is_late.is_set() or _too_late()


def by_condition(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    changed, answers = threading.Condition(), []

    def work() -> None:
        answers.append(call())
        with changed:
            changed.notify_all()

    pool.submit(work)
    with changed:
        return changed.wait_for(lambda: answers, limit_s) or _too_late()


def by_join(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join(limit_s)
    has_ended = not thread.is_alive()
    thread.join()
    return has_ended or _too_late()


def by_to_thread(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    async def app() -> int:
        return await asyncio.wait_for(asyncio.to_thread(call), limit_s)

    return asyncio.run(app())


def by_executor(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    async def app() -> int:
        async with asyncio.timeout(limit_s):
            return await asyncio.get_running_loop().run_in_executor(pool, call)

    return asyncio.run(app())


def by_anyio(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    async def app() -> int:
        with anyio.fail_after(limit_s):
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)

    return anyio.run(app)


def by_loop_in_a_thread(pool: ThreadPoolExecutor, call: Callable[[], int], limit_s: float) -> object:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def app() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.post(URL, json=VolcvMock().body(), headers=KEY, timeout=500)).status_code

    call_there = asyncio.run_coroutine_threadsafe(app(), loop)
    try:
        return call_there.result(timeout=limit_s)
    finally:
        wait([call_there])
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may hold a thread back for longer than the bounds in real time, which are for tests of users."""
    for name in ("BEGIN_S", "LEAVE_S", "AGAIN_S", "BUDGET_S"):
        monkeypatch.setattr(other_waits, name, 20.0)


def _too_late() -> None:
    raise TimeoutError


WAITS: dict[str, Wait] = {
    "future.result": by_result,
    "futures.wait": by_wait,
    "as_completed": by_as_completed,
    "Event.wait": by_event,
    "several short Event.wait": by_short_waits,
    "Queue.get": by_queue,
    "Queue.put": by_full_queue,
    "Semaphore.acquire": by_semaphore,
    "Barrier.wait": by_barrier,
    "Executor.map": by_map,
    "Timer": by_timer,
    "Condition.wait_for": by_condition,
    "Thread.join": by_join,
    "wait_for and to_thread": by_to_thread,
    "timeout and run_in_executor": by_executor,
    "fail_after and anyio.to_thread": by_anyio,
    "a coroutine in the loop of a thread": by_loop_in_a_thread,
}


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

    assert [moment_s - before_s for moment_s in beats] == pytest.approx([4, 8], abs=0.5)


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
