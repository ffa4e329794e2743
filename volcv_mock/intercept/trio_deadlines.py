"""Deadlines of trio: virtual time does not move trio's clock, so one that ends before the response is refused."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from time import monotonic
from typing import Any

_deadline_s: ContextVar[float] = ContextVar("volcv_mock_trio_deadline_s", default=math.inf)
"""In a worker thread: when, by time.monotonic, the deadline of the task ends that awaits it."""


class UnseenDeadline(AssertionError):
    """A deadline around the call ends before the wait does, and its clock cannot be moved."""


def refuse_trio_deadline(seconds: float) -> None:
    """Raises UnseenDeadline when a deadline of trio around this task, or around this thread, ends within `seconds`."""
    left_s = _left_s()
    if left_s < seconds:
        raise UnseenDeadline(
            f"the response comes after {seconds:g} s and a deadline of trio ends in {left_s:g} s: virtual time does "
            "not move trio's clock. Use real_time=True, or the client's own timeout."
        )


def _left_s() -> float:
    trio = sys.modules.get("trio")
    if trio is None:
        return math.inf
    try:
        return float(trio.current_effective_deadline() - trio.current_time())
    except RuntimeError:  # not in a task of trio
        return _deadline_s.get() - monotonic()


def starters_of_threads() -> list[tuple[Any, str, Any]]:
    """What starts worker threads of trio, and what replaces it; nothing if the program does not use trio."""
    names = ("trio.to_thread", "anyio.to_thread") if "trio" in sys.modules else ()
    modules = [sys.modules[name] for name in names if name in sys.modules]
    return [(module, "run_sync", _telling_the_deadline(module.run_sync)) for module in modules]


def _telling_the_deadline(run_sync: Callable[..., Any]) -> Callable[..., Any]:
    """A worker thread has a copy of its task's context, and so the deadline that is written there."""

    @wraps(run_sync)
    async def run_sync_with_deadline(*arguments: Any, **options: Any) -> Any:
        before = _deadline_s.set(monotonic() + _left_s())
        try:
            return await run_sync(*arguments, **options)
        finally:
            _deadline_s.reset(before)

    return run_sync_with_deadline
