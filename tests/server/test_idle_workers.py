"""Workers tidy up when nothing is asked of them: large pictures leave memory that the C library would keep."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, ClassVar

import gevent
import pytest

from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.server.memory_tuning import give_back, keep_for_now
from volcv_mock.server.workers import Workers

DEADLINE_S = 30.0


def test_a_worker_that_gets_no_more_work_tidies_up_once() -> None:
    tidied: SimpleQueue[str] = SimpleQueue()
    callbacks = LoopCallbacks(gevent.get_hub())
    workers = Workers("test", 1, callbacks, when_quiet=lambda: tidied.put("tidied"))

    with gevent.Timeout(DEADLINE_S):  # a loop that waits for nothing at all would end
        results = [workers.run(lambda: "done") for _ in range(3)]

    assert results == ["done"] * 3
    assert tidied.get(timeout=DEADLINE_S) == "tidied"
    workers.stop()
    callbacks.close()
    assert tidied.empty()


class CLibrary:
    """Remembers what it was asked."""

    def __init__(self, name: None) -> None:
        self.asked.append(("opened", name))

    asked: ClassVar[list[tuple[object, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def function(*arguments: Any) -> int:
            self.asked.append((name, *(getattr(each, "value", each) for each in arguments)))
            return 4711

        self.__dict__[name] = function
        return function


def test_a_process_that_serves_has_one_heap_that_keeps_what_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", CLibrary)
    monkeypatch.setattr(CLibrary, "asked", [])

    keep_for_now()

    arena_max, sixteen_megabytes = -8, 1 << 24
    assert CLibrary.asked[1:] == [("mallopt", arena_max, 1), ("malloc", sixteen_megabytes), ("free", 4711)]


def test_idle_workers_give_all_of_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", CLibrary)
    monkeypatch.setattr(CLibrary, "asked", [])

    give_back()

    assert CLibrary.asked[1:] == [("malloc_trim", 0)]


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


def test_a_worker_survives_a_process_in_which_ctypes_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of file descriptors the import raised, the worker ended, and no later request was answered."""
    monkeypatch.setitem(sys.modules, "ctypes", None)

    give_back()
