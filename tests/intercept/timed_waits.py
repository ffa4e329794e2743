"""The ways of the standard library and of anyio to wait for a call in another thread or loop, each with a limit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

import anyio
import httpx

from tests.helpers.clients import KEY, URL
from volcv_mock import VolcvMock

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
