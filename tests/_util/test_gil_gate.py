"""GilGate: Python code runs in one thread at a time, pixel work beside it does not block refusals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from volcv_mock._util.gil_gate import GilGate

WAIT_S = 30.0


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


class Watched:
    """A lock or semaphore; `refused` counts the threads that had to wait for it."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self.refused = threading.Semaphore(0)

    def acquire(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.refused.release()
            self._lock.acquire()

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


def watched(gil_gate: GilGate, name: str) -> Watched:
    lock = Watched(getattr(gil_gate, name))
    setattr(gil_gate, name, lock)
    return lock


def test_the_python_lock_admits_one_thread() -> None:
    gil_gate, entered = GilGate(cores=2), threading.Event()
    lock = watched(gil_gate, "_python")

    def enter() -> None:
        with gil_gate.python():
            entered.set()

    with gil_gate.python():
        thread = in_thread(enter)
        assert lock.refused.acquire(timeout=WAIT_S)
        assert not entered.is_set()
    thread.join(WAIT_S)
    assert entered.is_set()


def test_a_thread_that_works_on_pixels_lets_the_next_one_in() -> None:
    gil_gate, painting, painted = GilGate(cores=1), threading.Event(), threading.Event()

    def paint() -> None:
        with gil_gate.python(), gil_gate.pixels():
            painting.set()
            assert painted.wait(WAIT_S)

    thread = in_thread(paint)
    assert painting.wait(WAIT_S)
    with gil_gate.python():
        painted.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_there_are_as_many_pixel_slots_as_cores() -> None:
    gil_gate, entered, done = GilGate(cores=2), threading.Semaphore(0), threading.Event()
    slots = watched(gil_gate, "_pixels")

    def paint() -> None:
        with gil_gate.pixels():
            entered.release()
            assert done.wait(WAIT_S)

    threads = [in_thread(paint) for _ in range(6)]
    assert entered.acquire(timeout=WAIT_S)
    assert entered.acquire(timeout=WAIT_S)
    for _ in range(4):
        assert slots.refused.acquire(timeout=WAIT_S)
    assert not entered.acquire(blocking=False)  # nobody leaves before `done`
    done.set()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("gate", ["python", "pixels"])
def test_an_error_while_painting_releases_lock_and_slot(gate: str) -> None:
    gil_gate = GilGate(cores=2)

    def fail() -> None:
        with getattr(gil_gate, gate)(), gil_gate.pixels():
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()

    with gil_gate.python(), gil_gate.pixels(), gil_gate.pixels():
        pass
