"""Posts the results of tasks to their callback_url, once their time has come on the clock of their scope.

One thread waits while something is due later; each post has a thread of its own, at most `MOST_AT_ONCE`. What is posted
and how is handed in: this module knows neither HTTP nor the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from volcv_mock.simulation.clock import Clock
from volcv_mock.tasks.task import Callback, Task

MOST_REMAINING_S = 3600.0
"""A task that never ends is looked at once an hour."""
MOST_WAITING = 1000
"""Callbacks that wait at once; of more tasks no result is posted."""
MOST_AT_ONCE = 8

Ended = Callable[["Waiting", bytes], None]
"""Is told of each callback that is over, with the body that was posted; b"" when nothing was."""
Post = Callable[[str, bytes], "int | str"]
"""Posts a body to a URL; returns the HTTP status, or why it was not sent."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One callback to come. `compose` makes its body when it is due."""

    task: Task
    callback: Callback
    clock: Clock
    compose: Callable[[], bytes]

    def remaining_s(self) -> float | None:
        """Real seconds until it is due, 0 when it is; None while nothing but a moved clock or `wake` makes it due."""
        return self.clock.remaining_s(min(self.task.ends_at_s, self.clock.now_s() + MOST_REMAINING_S))


class Callbacks:
    """Every method may be called from any thread."""

    def __init__(self, post: Post, ended: Ended, claims: Callable[[Task], bool] = lambda task: True) -> None:
        self._post, self._ended, self._claims = post, ended, claims
        self._waiting: list[Waiting] = []
        self._subscribed: dict[int, Callable[[], None]] = {}
        self._changed = threading.Condition()
        self._slots = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._is_running = False

    def add(self, waiting: Waiting) -> None:
        """Post the result of a task when it is due."""
        with self._changed:
            has_room = len(self._waiting) < MOST_WAITING
            if has_room:
                self._begin(waiting)
        if not has_room:
            waiting.callback.problem = f"more than {MOST_WAITING} callbacks are waiting"
            self._ended(waiting, b"")

    def _begin(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        if id(waiting.clock) not in self._subscribed:
            self._subscribed[id(waiting.clock)] = waiting.clock.subscribe(self.wake)
        if not self._is_running:
            self._is_running = True
            threading.Thread(target=self._run, name="volcv-mock callbacks", daemon=True).start()
        self._changed.notify_all()

    def wake(self) -> None:
        """Look again: a clock was moved, or a task was ended."""
        with self._changed:
            self._changed.notify_all()

    def clear(self, scope: str | None = None) -> None:
        """Drop what waits for a scope, or everything."""
        with self._changed:
            self._waiting = [each for each in self._waiting if scope not in (None, each.task.scope)]
            self._changed.notify_all()

    def _run(self) -> None:
        """Until nothing waits any more."""
        while due := self._next():
            self._slots.acquire()  # wait while the receivers are slow
            threading.Thread(target=self._send, args=(due,), name="volcv-mock callback", daemon=True).start()

    def _next(self) -> Waiting | None:
        with self._changed:
            while self._waiting:
                for each in self._waiting:
                    if each.task.state(each.clock.now_s()) not in ("in_queue", "generating"):
                        self._waiting.remove(each)
                        return each
                remaining = [seconds for each in self._waiting if (seconds := each.remaining_s()) is not None]
                self._changed.wait(min(remaining, default=None))
            self._is_running = False
            for unsubscribe in self._subscribed.values():
                unsubscribe()
            self._subscribed.clear()
            return None

    def _send(self, due: Waiting) -> None:
        """Post one callback, unless another process of the mock does."""
        body: bytes = b""
        result: int | str = "its body could not be made"
        try:
            if not self._claims(due.task):
                result = ""
                return
            state = due.task.state(due.clock.now_s())
            body = due.compose() if state == "done" else b""
            result = self._post(due.callback.url, body) if body else f"the task is {state}"
        finally:
            self._slots.release()
            if result != "":
                self._note(due, body, result)

    def _note(self, due: Waiting, body: bytes, result: int | str) -> None:
        if isinstance(result, int):
            due.callback.status = result
        else:
            due.callback.problem = result
        self._ended(due, body)
