"""Python one at a time, pixels beside it: a picture being painted holds up no refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from volcv_mock.lanes import Lanes

WAIT_S = 5.0


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_python_lane_holds_one_thread() -> None:
    lanes, entered = Lanes(cores=2), threading.Event()

    def enter() -> None:
        with lanes.python():
            entered.set()

    with lanes.python():
        thread = in_thread(enter)
        assert not entered.wait(0.05)
    thread.join(WAIT_S)
    assert entered.is_set()


def test_a_thread_that_works_on_pixels_lets_the_next_one_in() -> None:
    lanes, painting, painted = Lanes(cores=1), threading.Event(), threading.Event()

    def paint() -> None:
        with lanes.python(), lanes.pixels():
            painting.set()
            assert painted.wait(WAIT_S)

    thread = in_thread(paint)
    assert painting.wait(WAIT_S)
    with lanes.python():
        painted.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_pixels_have_as_many_lanes_as_there_are_cores() -> None:
    lanes, entered, done = Lanes(cores=2), threading.Semaphore(0), threading.Event()

    def paint() -> None:
        with lanes.pixels():
            entered.release()
            assert done.wait(WAIT_S)

    threads = [in_thread(paint) for _ in range(6)]
    assert entered.acquire(timeout=WAIT_S)
    assert entered.acquire(timeout=WAIT_S)
    assert not entered.acquire(timeout=0.05)  # nobody leaves before `done`, so a third would be here
    done.set()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("lane", ["python", "pixels"])
def test_a_mistake_while_painting_leaves_both_lanes_free(lane: str) -> None:
    lanes = Lanes(cores=2)

    def fail() -> None:
        with getattr(lanes, lane)(), lanes.pixels():
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()

    with lanes.python(), lanes.pixels(), lanes.pixels():
        pass
