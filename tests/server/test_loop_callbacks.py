"""Other threads ring a loop's bell: errands come in order, none is lost, and the loop keeps its count."""

from __future__ import annotations

import threading

import gevent
import pytest

from volcv_mock.server.loop_callbacks import LoopCallbacks

RINGERS, RINGS, TIMERS = 3, 4000, 12_000


def test_errands_of_one_thread_are_run_in_its_order_in_the_loops_own_thread(callbacks: LoopCallbacks) -> None:
    done: list[tuple[int, threading.Thread]] = []
    finished = gevent.event.Event()

    def ring() -> None:
        for number in range(100):
            callbacks.call_soon(lambda number: done.append((number, threading.current_thread())), number)
        callbacks.call_soon(finished.set)

    threading.Thread(target=ring).start()
    finished.wait()

    assert done == [(number, threading.current_thread()) for number in range(100)]


def test_an_errand_that_fails_strands_no_other(callbacks: LoopCallbacks, capsys: pytest.CaptureFixture[str]) -> None:
    finished = gevent.event.Event()

    callbacks.call_soon(lambda: 1 / 0)
    callbacks.call_soon(finished.set)

    finished.wait()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("turn", range(8))
def test_a_loop_whose_timers_end_while_others_ring_does_not_lose_count(callbacks: LoopCallbacks, turn: int) -> None:
    """It did with run_callback_threadsafe: the count fell below nothing and the loop ended (LoopExit)."""
    loop, rung, ended = gevent.get_hub().loop, [0], [0]
    before = loop.activecnt
    timers = [loop.timer(0.02 + number * 1e-5) for number in range(TIMERS)]
    for timer in timers:
        timer.start(lambda: ended.append(ended.pop() + 1))
    ringers = [threading.Thread(target=_ring_often, args=(callbacks, rung)) for _ in range(RINGERS)]
    for ringer in ringers:
        ringer.start()

    while rung[0] < RINGERS * RINGS or ended[0] < TIMERS:
        gevent.sleep(0.01)

    assert loop.activecnt == before
    for timer in timers:
        timer.close()
    for ringer in ringers:
        ringer.join()


def _ring_often(callbacks: LoopCallbacks, rung: list[int]) -> None:
    for _ in range(RINGS):
        callbacks.call_soon(lambda: rung.append(rung.pop() + 1))


def test_a_closed_bell_is_not_heard_and_hurts_nobody() -> None:
    callbacks, heard = LoopCallbacks(gevent.get_hub()), []
    callbacks.close()

    callbacks.call_soon(heard.append, "rung")

    gevent.sleep(0)
    assert heard == []


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
