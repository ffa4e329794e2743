"""Threads that sleep at the same time in virtual time: their sleeps overlap, as in real time."""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.helpers.clients import KEY, URL
from tests.helpers.virtual_calls import SLEEP_S, spent_s
from volcv_mock.intercept import busy_threads, timed_waits
from volcv_mock.intercept.busy_threads import BusyThreads
from volcv_mock.intercept.watched_threads import WatchedThreads


@pytest.fixture
def frozen(virtual: Any) -> Any:
    virtual.clock.freeze()
    return virtual


@pytest.fixture
def passed_over(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that virtual time did not wait for. One that another test left behind has its own virtual time."""
    found: list[threading.Thread] = []
    busy = timed_waits._open[-1].timeline.others.busy
    monkeypatch.setattr(busy, "pass_over", found.extend)
    return found


def call_and_sleep(frozen: Any, seconds: float = SLEEP_S) -> float:
    """Returns how long the sleep was by the thread's own clock."""
    requests.post(URL, json=frozen.body(), headers=KEY, timeout=500)
    before_s = time.monotonic()
    time.sleep(seconds)
    return time.monotonic() - before_s


def test_the_workers_of_a_pool_sleep_at_the_same_time(frozen: Any, unhurried: None) -> None:
    def work() -> None:
        for _ in range(2):  # new workers, then idle ones
            slept_s = pool.map(lambda _: call_and_sleep(frozen), range(4))
            assert all(each >= SLEEP_S for each in slept_s)

    with ThreadPoolExecutor(4) as pool:
        assert spent_s(frozen, work) == pytest.approx(2 * SLEEP_S)


def test_threads_that_poll_take_as_long_as_one(frozen: Any, unhurried: None) -> None:
    def poll() -> None:
        for _ in range(5):
            call_and_sleep(frozen)

    def work() -> None:
        threads = [threading.Thread(target=poll) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    assert spent_s(frozen, work) == pytest.approx(5 * SLEEP_S)


def test_threads_wake_up_in_the_order_of_the_ends_of_their_sleeps(frozen: Any, unhurried: None) -> None:
    woken: list[tuple[float, int]] = []
    began_s = frozen.clock.now_s()

    def poll(every: int) -> None:
        for _ in range(6 // every):
            call_and_sleep(frozen, every * SLEEP_S)
            woken.append((frozen.clock.now_s() - began_s, every))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(poll, (1, 2, 3)))

    assert sorted(woken) == [
        (pytest.approx(moment * SLEEP_S), every)
        for moment, every in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 3), (4, 1), (4, 2), (5, 1), (6, 1), (6, 2), (6, 3)]
    ]


def test_consumers_of_a_queue_sleep_at_the_same_time(frozen: Any, unhurried: None) -> None:
    """`put` wakes one of them: it counts as busy although it has not run yet."""
    work: queue.Queue[bool] = queue.Queue()

    def consume() -> None:
        while work.get():
            call_and_sleep(frozen)
            work.task_done()

    def produce() -> None:
        for _ in range(3):
            work.put(True)
        work.join()

    with ThreadPoolExecutor(3) as pool:
        consumers = [pool.submit(consume) for _ in range(3)]
        assert spent_s(frozen, produce) == pytest.approx(SLEEP_S)
        for _ in consumers:
            work.put(False)


def test_an_idle_worker_of_a_pool_is_not_waited_for(
    frozen: Any, unhurried: None, passed_over: list[threading.Thread]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: call_and_sleep(frozen), range(2)))
        call_and_sleep(frozen)

    assert passed_over == []


def test_a_thread_that_sleeps_really_is_not_waited_for(
    frozen: Any, unhurried: None, passed_over: list[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeps, wakes = threading.Event(), threading.Lock()

    def real_sleep(seconds: float) -> None:
        sleeps.set()
        with wakes:
            pass

    monkeypatch.setattr("volcv_mock.intercept.client_time._real_sleep", real_sleep)
    background = threading.Thread(target=lambda: time.sleep(60))
    with wakes:
        background.start()
        sleeps.wait()
        call_and_sleep(frozen)
    background.join()

    assert passed_over == []


def test_a_thread_that_is_blocked_by_a_lock_is_passed_over(frozen: Any) -> None:
    """A client may sleep under the lock of its rate limiter: those calls follow each other in any time."""
    limiter = threading.Lock()

    def work() -> None:
        with limiter:
            call_and_sleep(frozen)

    with ThreadPoolExecutor(3) as pool:
        assert spent_s(frozen, lambda: list(pool.map(lambda _: work(), range(3)))) == pytest.approx(3 * SLEEP_S)


def test_a_thread_that_computes_an_answer_is_never_taken_for_blocked() -> None:
    """Painting may stand at one instruction for long."""
    busy = BusyThreads(WatchedThreads(), lambda thread: False)
    begun, end = threading.Event(), threading.Event()

    def answer() -> None:
        with busy.answering():
            begun.set()
            end.wait()

    thread = threading.Thread(target=answer)
    thread.start()
    begun.wait()
    stands_still = busy.places([thread]) == busy.places([thread])
    end.set()
    thread.join()

    assert not stands_still


@pytest.mark.parametrize("is_on", [True, False])
def test_no_garbage_is_collected_while_frames_are_taken(monkeypatch: pytest.MonkeyPatch, is_on: bool) -> None:
    """A destructor there can make the interpreter wait for ever (python/cpython issue 106883)."""
    seen: list[bool] = []
    monkeypatch.setattr(sys, "_current_frames", lambda: seen.append(gc.isenabled()) or {})
    (gc.enable if is_on else gc.disable)()

    try:
        busy_threads.current_frames()
        is_on_again = gc.isenabled()
    finally:
        gc.enable()

    assert (seen, is_on_again) == ([False], is_on)
