"""Native threads for work that would block the event loop: deciding requests and fetching pictures.

A greenlet hands work over and sleeps until it is done. gevent has such a pool, but its threads are unknown to
`threading`, and tests must be able to check that a stopped server leaves none.

Tasks reach the workers when the event loop has handled all that was ready. A thread that computes shares the
interpreter's lock with the loop, in turns of 5 ms, while a crowd arrives; and each task would wake a thread up.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from queue import Empty, SimpleQueue
from typing import Any

from gevent.hub import Waiter

from volcv_mock._util.gil_gate import GilGate
from volcv_mock.server.loop_callbacks import LoopCallbacks

JOIN_S = 0.25
AT_ONCE = 16
"""Tasks that a worker runs in a row when they wait, under the gate that it holds."""
_PAUSE_S, _QUIET_S = 0.02, 0.1
"""How long nobody has had work before one worker calls `in_pause`, and `when_quiet`."""


class WorkItem:
    """One piece of work. `abandoned` gets the result when it is there after its greenlet was killed."""

    __slots__ = ("_abandoned", "_is_abandoned", "_is_done", "_result", "_waiter", "_work")
    _handing_over = threading.Lock()  # of all tasks: few are abandoned

    def __init__(self, work: Callable[[], Any], waiter: Any, abandoned: Callable[[Any], None] | None) -> None:
        self._work: Callable[[], Any] | None = work
        self._waiter = waiter
        self._abandoned = abandoned
        self._is_done = self._is_abandoned = False
        self._result: Any = None

    def run(self, callbacks: LoopCallbacks) -> None:
        """In the worker: do the work, then wake the greenlet."""
        result, error = None, None
        work, self._work = self._work, None
        try:
            result = work() if work else None
        except BaseException as problem:
            error = problem
        self._result, self._is_done = result, True
        if self._is_abandoned:
            self._hand_over()
        if error is None:
            callbacks.call_soon(self._waiter.switch, result)
        else:
            callbacks.call_soon(self._waiter.throw, error)

    def abandon(self) -> None:
        """In the greenlet that was killed while it waited."""
        self._is_abandoned = True
        if self._is_done:
            self._hand_over()

    def _hand_over(self) -> None:
        """Called by one thread or by both: each writes its own flag before it reads that of the other."""
        with self._handing_over:
            abandoned, self._abandoned = self._abandoned, None
        if abandoned:
            abandoned(self._result)


class Workers:
    """At most `size` daemon threads, started when needed, ended by `stop`.

    A worker calls the next one while tasks wait: at once, or, with a gate, when it releases the gate, because no other
    could compute before.
    In a pause one of them calls `in_pause` as long as that returns True, and later `when_quiet`.
    """

    def __init__(
        self,
        name: str,
        size: int,
        callbacks: LoopCallbacks,
        gil_gate: GilGate | None = None,
        when_quiet: Callable[[], None] = lambda: None,
        in_pause: Callable[[], bool] = lambda: False,
    ) -> None:
        self._name = name
        self._size = size
        self._callbacks = callbacks
        self._is_gated = gil_gate is not None
        self._computing = gil_gate.python(self._call_another) if gil_gate else nullcontext()
        self._when_quiet = when_quiet
        self._in_pause = in_pause
        self._is_tidy = True
        self._ended_s = 0.0
        self._tidying = threading.Lock()
        self._given = list[WorkItem]()  # by greenlets, since the last of them reached the workers
        self._tasks = deque[WorkItem]()
        self._calls: SimpleQueue[bool] = SimpleQueue()  # each wakes one worker up: for tasks, or to its end
        self._threads: list[threading.Thread] = []
        self._busy = 0  # changed by the thread of the event loop only

    def run(self, work: Callable[[], Any], abandoned: Callable[[Any], None] | None = None) -> Any:
        """The result of `work()`, called in a worker; the calling greenlet waits."""
        task = WorkItem(work, waiter := Waiter(), abandoned)
        self._busy += 1
        try:
            if self._busy > len(self._threads) and len(self._threads) < self._size:
                self._begin_thread()
            self._given.append(task)
            if len(self._given) == 1:
                self._callbacks.call_last(self._call_workers)
            return waiter.get()
        except BaseException:
            task.abandon()
            raise
        finally:
            self._busy -= 1

    def put_off_pause(self) -> None:
        """The event loop was at work: a pause begins now at the earliest. Who writes in a pause holds the GIL, and the
        loop would wait for it some milliseconds after each system call."""
        self._ended_s = time.monotonic()

    def stop(self) -> None:
        """End the threads. One that does not end in time remains as a daemon."""
        self._call_workers()
        for _ in self._threads:
            self._calls.put(False)
        give_up_at = time.monotonic() + JOIN_S
        for thread in self._threads:
            thread.join(max(0.0, give_up_at - time.monotonic()))
        self._threads.clear()

    def _call_workers(self) -> None:
        self._tasks.extend(self._given)
        self._given.clear()
        self._calls.put(True)

    def _call_another(self, but: int = 0) -> None:
        """Wake up one more worker, if more tasks than `but` wait and none is called yet."""
        if len(self._tasks) > but and self._calls.empty():
            self._calls.put(True)

    def _begin_thread(self) -> None:
        name = f"volcv-mock {self._name} {len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        is_ending = False
        while not is_ending:
            is_ending = not self._wait_for_call()
            if not self._is_gated:  # with the gate when this one releases it: no other could compute before
                self._call_another(but=1)
            with self._computing:
                self._run_some()
            self._ended_s = time.monotonic()
            self._is_tidy = False

    def _run_some(self) -> None:
        """Some of the tasks that wait. To hand the gate to another worker for each would cost a switch of threads."""
        for _ in range(AT_ONCE):
            try:
                task = self._tasks.popleft()
            except IndexError:
                return
            task.run(self._callbacks)
            del task  # or the last result would be kept until the next task
        self._calls.put(True)

    def _wait_for_call(self) -> bool:
        """True when tasks wait, False when the worker is to end."""
        while not self._is_tidy:
            try:
                return self._calls.get(timeout=_PAUSE_S)
            except Empty:
                if self._tidying.acquire(blocking=False):
                    self._tidy_up()
                    self._tidying.release()
        return self._calls.get()

    def _tidy_up(self) -> None:
        self._is_tidy = True  # first: what another worker leaves from now on is seen below, or sets it back
        has_more = True
        while has_more and self._idle_s() >= _PAUSE_S:
            with self._computing:
                has_more = self._in_pause()
        if has_more or self._idle_s() < _QUIET_S:
            self._is_tidy = False
        else:
            self._when_quiet()

    def _idle_s(self) -> float:
        return 0.0 if self._busy else time.monotonic() - self._ended_s
