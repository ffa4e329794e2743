"""Workers tidy up when nothing is asked of them: large pictures leave memory that the C library would keep."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from queue import SimpleQueue

import gevent
import pytest

from volcv_mock.delivery.bell import Bell
from volcv_mock.delivery.thrift import give_back, keep_for_now
from volcv_mock.delivery.workers import Workers

PATIENCE_S = 5.0


def test_a_worker_that_gets_no_more_work_tidies_up_once() -> None:
    tidied: SimpleQueue[str] = SimpleQueue()
    bell = Bell(gevent.get_hub())
    workers = Workers("test", 1, bell, when_quiet=lambda: tidied.put("tidied"))

    with gevent.Timeout(PATIENCE_S):  # a loop that waits for nothing at all would end
        results = [workers.run(lambda: "done") for _ in range(3)]

    assert results == ["done"] * 3
    assert tidied.get(timeout=PATIENCE_S) == "tidied"
    workers.stop()
    bell.close()
    assert tidied.empty()


def _no_library(name: None) -> object:
    raise OSError("no library without a name")


@pytest.mark.parametrize("library", [lambda name: object(), _no_library], ids=["another C library", "none"])
def test_memory_is_left_to_a_c_library_that_cannot_be_told(
    monkeypatch: pytest.MonkeyPatch, library: Callable[[None], object]
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", library)

    keep_for_now()
    give_back()


def test_giving_memory_back_is_harmless_wherever_it_is_called() -> None:
    give_back()
