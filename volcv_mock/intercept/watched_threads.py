"""Which threads live in virtual time: the opener of the block, those that began in it, and those that made a call.

Threads that ran before the block (of another test, of a test tool) and the mock's own live in real time.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakSet

TEST_TOOLS = frozenset({"hypothesis", "_pytest", "pluggy", "xdist", "unittest"})
"""Packages that measure tests; so do those whose names begin with `pytest_`: pytest_timeout, pytest_benchmark."""
OWN_THREADS = "volcv-mock"
"""What the names of the mock's own threads begin with."""


class WatchedThreads:
    """The threads of one intercept. `callers` has the threads and tasks that made an intercepted call."""

    def __init__(self) -> None:
        self.opener: threading.Thread | None = None
        self.callers: WeakSet[Any] = WeakSet()
        self._older: WeakSet[threading.Thread] = WeakSet()

    def open(self) -> None:
        """The running thread opens the block."""
        self.opener = threading.current_thread()
        self._older = WeakSet(threading.enumerate())

    def is_older(self, thread: threading.Thread) -> bool:
        """Whether the thread ran before the block was opened."""
        return thread in self._older

    def has(self, thread: threading.Thread) -> bool:
        """Whether the thread sees virtual time."""
        if thread is self.opener or thread in self.callers:
            return True
        return not (thread in self._older or thread.name.startswith(OWN_THREADS) or _is_timer_of_a_test_tool(thread))


def is_of_a_test_tool(module: str) -> bool:
    """Whether the module of this name measures tests, and not what an app does."""
    package = module.partition(".")[0]
    return package in TEST_TOOLS or package.startswith("pytest_")


def _is_timer_of_a_test_tool(thread: threading.Thread) -> bool:
    function = getattr(thread, "function", None)  # of a threading.Timer
    return is_of_a_test_tool(str(getattr(function, "__module__", "")))
