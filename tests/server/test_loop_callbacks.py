"""Functions that other threads give a loop: they are called in order, none is lost, and the loop keeps its count."""

from __future__ import annotations

import threading

import gevent
import pytest

from volcv_mock.server.loop_callbacks import LoopCallbacks

THREADS, CALLS, TIMERS = 3, 4000, 12_000


def test_functions_of_one_thread_are_called_in_its_order_in_the_loops_own_thread(callbacks: LoopCallbacks) -> None:
    done: list[tuple[int, threading.Thread]] = []
    finished = gevent.event.Event()

    def call() -> None:
        for number in range(100):
            callbacks.call_soon(lambda number: done.append((number, threading.current_thread())), number)
        callbacks.call_soon(finished.set)

    threading.Thread(target=call).start()
    finished.wait()

    assert done == [(number, threading.current_thread()) for number in range(100)]


def test_a_function_that_fails_holds_up_no_other(callbacks: LoopCallbacks, capsys: pytest.CaptureFixture[str]) -> None:
    finished = gevent.event.Event()

    callbacks.call_soon(lambda: 1 / 0)
    callbacks.call_soon(finished.set)

    finished.wait()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("turn", range(8))
def test_a_loop_whose_timers_end_while_others_call_does_not_lose_count(callbacks: LoopCallbacks, turn: int) -> None:
    """It did with run_callback_threadsafe: the count fell below nothing and the loop ended (LoopExit)."""
    loop, called, ended = gevent.get_hub().loop, [0], [0]
    before = loop.activecnt
    timers = [loop.timer(0.02 + number * 1e-5) for number in range(TIMERS)]
    for timer in timers:
        timer.start(lambda: ended.append(ended.pop() + 1))
    threads = [threading.Thread(target=_call_often, args=(callbacks, called)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()

    while called[0] < THREADS * CALLS or ended[0] < TIMERS:
        gevent.sleep(0.01)

    assert loop.activecnt == before
    for timer in timers:
        timer.close()
    for thread in threads:
        thread.join()


def _call_often(callbacks: LoopCallbacks, called: list[int]) -> None:
    for _ in range(CALLS):
        callbacks.call_soon(lambda: called.append(called.pop() + 1))


def test_after_close_nothing_is_called() -> None:
    callbacks, called = LoopCallbacks(gevent.get_hub()), []
    callbacks.close()

    callbacks.call_soon(called.append, "called")

    gevent.sleep(0)
    assert called == []


def test_a_last_call_comes_after_all_that_is_ready(callbacks: LoopCallbacks) -> None:
    done: list[str] = []
    finished = gevent.event.Event()

    def first() -> None:
        callbacks.call_last(lambda: (done.append("last"), finished.set()))
        done.append("ready 0")

    callbacks.call_soon(first)
    for number in (1, 2):
        callbacks.call_soon(done.append, f"ready {number}")
    finished.wait()

    assert done == ["ready 0", "ready 1", "ready 2", "last"]
