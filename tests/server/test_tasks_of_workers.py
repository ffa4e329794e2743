"""Workers run what greenlets give them: Python code one after another, what leaves the gate side by side."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import gevent
import pytest
from gevent.hub import Waiter

from tests.server.scripted import WAIT_S
from volcv_mock._util.gil_gate import Gate, GilGate
from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.server.workers import AT_ONCE, Workers, WorkItem

THREADS = 3


def test_more_tasks_than_a_worker_takes_in_a_row_are_all_done(callbacks: LoopCallbacks) -> None:
    workers = Workers("test", THREADS, callbacks, GilGate())
    numbers = range(AT_ONCE * THREADS * 2 + 1)

    given = [gevent.spawn(workers.run, lambda number=number: number) for number in numbers]
    results = [each.get() for each in given]

    assert results == list(numbers)
    workers.stop()


@pytest.mark.parametrize("is_gated", [True, False])
def test_tasks_given_together_wait_for_each_other_where_they_leave_the_gate(
    callbacks: LoopCallbacks, is_gated: bool
) -> None:
    """One call wakes one worker up; each calls the next while tasks wait, or the picture of one would hold up all."""
    gate = GilGate(cores=THREADS)
    workers = Workers("test", THREADS, callbacks, gate if is_gated else None)
    meeting = threading.Barrier(THREADS, timeout=WAIT_S)
    released: Gate = gate.pixels if is_gated else nullcontext

    def meet() -> int:
        with released():
            return meeting.wait()

    given = [gevent.spawn(workers.run, meet) for _ in range(THREADS)]

    assert sorted(each.get() for each in given) == list(range(THREADS))
    workers.stop()


def test_a_worker_that_never_leaves_the_gate_calls_no_other(callbacks: LoopCallbacks) -> None:
    """It would stand at the gate until this one has done all tasks."""
    workers = Workers("test", THREADS, callbacks, GilGate())
    given = [gevent.spawn(workers.run, threading.get_ident) for _ in range(AT_ONCE)]

    assert len({each.get() for each in given}) == 1
    workers.stop()


def test_tasks_given_last_are_done_before_the_workers_end(callbacks: LoopCallbacks) -> None:
    workers = Workers("test", 1, callbacks)
    done = threading.Event()
    given = gevent.spawn(workers.run, done.set)
    gevent.sleep(0)  # the greenlet has given it, and waits

    workers.stop()

    assert done.wait(WAIT_S)
    given.join()


def test_an_exception_of_the_work_is_raised_in_the_greenlet(callbacks: LoopCallbacks) -> None:
    workers = Workers("test", 1, callbacks)

    with pytest.raises(ZeroDivisionError):
        workers.run(lambda: 1 / 0)

    workers.stop()


@pytest.mark.parametrize("is_done_first", [True, False])
def test_the_result_of_an_abandoned_task_is_told_once(callbacks: LoopCallbacks, is_done_first: bool) -> None:
    """A reply that nobody waits for must still close its journal entry."""
    told: list[str] = []
    task = WorkItem(lambda: "a reply", Waiter(), told.append)
    steps = [lambda: task.run(callbacks), task.abandon]

    for step in steps if is_done_first else reversed(steps):
        step()

    assert told == ["a reply"]


def test_the_result_of_a_task_that_is_waited_for_is_not_told(callbacks: LoopCallbacks) -> None:
    told: list[str] = []
    workers = Workers("test", 1, callbacks)

    assert workers.run(lambda: "a reply", abandoned=told.append) == "a reply"

    workers.stop()
    assert told == []
