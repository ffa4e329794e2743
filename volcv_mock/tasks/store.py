"""The tasks of all scopes, bounded in number and by the bytes of their input pictures.

The store knows no clock: callers hand in the time of a scope. Its methods are the acts of a task's life, so that
another store may stand behind the same names.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from volcv_mock._util.gil_gate import Gate
from volcv_mock._util.shared_bytes import SharedBytes
from volcv_mock.model import EVERY_SCOPE, Fired
from volcv_mock.tasks.task import Task

MOST_TASKS = 100_000
"""Tasks kept at once; beyond it the oldest one that has ended leaves."""

Now = Callable[[str], float]
"""The present time of a scope's clock."""


class TaskStore:
    """Every method may be called from any thread. `now_s` reads the clock of a scope; `released` wraps a wait for
    another thread."""

    def __init__(self, budget_bytes: int, now_s: Now, released: Gate = nullcontext, most: int = MOST_TASKS) -> None:
        self._budget_bytes = budget_bytes
        self._now_s = now_s
        self._released = released
        self._most = most
        self._tasks: dict[tuple[str, str], Task] = {}
        self._unfinished: dict[tuple[str, bytes], dict[str, Task]] = {}
        self._inputs = SharedBytes()
        self._painting: dict[tuple[str, str], tuple[threading.Lock, int]] = {}
        self._awaited: deque[Task] = deque()
        self._lock = threading.RLock()
        self.on_end: Callable[[], None] = lambda: None
        """Called after a task was ended by hand."""

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def budget_bytes(self) -> int:
        """The most bytes of input pictures."""
        return self._budget_bytes

    @property
    def held_bytes(self) -> int:
        """The bytes of all input pictures; a picture that several tasks share counts once."""
        return self._inputs.held_bytes

    def submit(self, task: Task) -> bool:
        """Keep a task. False when the inputs of tasks that are not painted yet fill the budget, or too many are
        unfinished."""
        with self._lock:
            if not self._has_room(task):
                return False
            self._tasks[task.scope, task.id] = task
            for each in task.inputs:
                self._inputs.add(each.data)
            if task.callback:
                self._awaited.append(task)
            self._unfinished.setdefault((task.scope, task.owner), {})[task.id] = task
            return True

    def take_awaited(self) -> Iterator[Task]:
        """The new tasks with a callback, each once."""
        while self._awaited:
            yield self._awaited.popleft()

    def claims(self, task: Task) -> bool:
        """Whether this process may post the callback of a task: there is no other one."""
        return True

    def keep_called(self, task: Task) -> None:
        """Note what became of the callback of a task: it has it already."""

    def find(self, scope: str, task_id: str) -> Task | None:
        """The task of that id in a scope, whatever its state."""
        return self._tasks.get((scope, task_id))

    def latest(self, scope: str, owner: bytes, digest: bytes) -> Task | None:
        """The newest task of an owner with that body."""
        equal = (task for task in reversed(self.listed(scope)) if (task.owner, task.digest) == (owner, digest))
        return next(equal, None)

    def unfinished(self, scope: str, owner: bytes) -> int:
        """How many tasks of an owner are in_queue or generating."""
        with self._lock:
            tasks = self._unfinished.get((scope, owner))
            if not tasks:
                return 0
            now_s = self._now_s(scope)
            for task_id in [task_id for task_id, task in tasks.items() if not task.is_unfinished(now_s)]:
                del tasks[task_id]
            return len(tasks)

    def listed(self, scope: str = EVERY_SCOPE) -> tuple[Task, ...]:
        """The tasks of a scope, in the order of their submission."""
        with self._lock:
            return tuple(task for task in self._tasks.values() if scope in (EVERY_SCOPE, task.scope))

    def cancel(self, task: Task) -> None:
        """Cancel a task that has not ended; one that ended stays as it is."""
        with self._lock:
            if task.is_unfinished(self._now_s(task.scope)):
                task.is_cancelled = True
                self._release(task)
        self.on_end()

    def finish(self, task: Task) -> None:
        """End a task now."""
        with self._lock:
            task.finish(self._now_s(task.scope))
        self.on_end()

    def fail(self, task: Task, fired: Fired) -> None:
        """End a task now with a code or a fault as its result."""
        with self._lock:
            task.injected = (fired,)
            task.finish(self._now_s(task.scope))
        self.on_end()

    def listing(self, scope: str) -> list[dict[str, Any]]:
        """The tasks of a scope as the control API shows them."""
        return [task.listed(self._now_s(task.scope)) for task in self.listed(scope)]

    def keep_painted(self, task: Task, picture_id: str, number: int) -> None:
        """Note that a result of the task, of so many pictures, is in the picture store."""
        with self._lock:
            task.painted = {**task.painted, picture_id: number}

    def oldest_unpainted(self) -> Task | None:
        """The oldest task that is done and whose inputs are still needed: painting it makes room."""
        with self._lock:
            return next((task for task in self._tasks.values() if task.inputs and self._is_done(task)), None)

    @contextmanager
    def painting(self, task: Task) -> Iterator[None]:
        """One thread at a time paints a task."""
        name = (task.scope, task.id)
        with self._lock:
            lock, waiting = self._painting.get(name, (threading.Lock(), 0))
            self._painting[name] = (lock, waiting + 1)
        try:
            with self._released():
                lock.acquire()
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._lock:
                lock, waiting = self._painting.pop(name)
                if waiting > 1:
                    self._painting[name] = (lock, waiting - 1)

    def clear(self, scope: str = EVERY_SCOPE) -> None:
        """Remove the tasks of a scope."""
        with self._lock:
            for task in self.listed(scope):
                self._remove(task)

    def _has_room(self, task: Task) -> bool:
        if len(self._tasks) >= self._most and not self._remove_oldest_ended():
            return False
        new = tuple(each.data for each in task.inputs)
        if self._inputs.held_bytes + self._inputs.added_by(new) <= self._budget_bytes:
            return True
        self._release_painted()
        return self._inputs.held_bytes + self._inputs.added_by(new) <= self._budget_bytes

    def _remove_oldest_ended(self) -> bool:
        ended = next((each for each in self._tasks.values() if not self._is_unfinished(each)), None)
        if ended:
            self._remove(ended)
        return ended is not None

    def _release_painted(self) -> None:
        """Drop the inputs that no picture needs any more."""
        for task in [task for task in self._tasks.values() if task.inputs]:
            if task.painted or not (self._is_unfinished(task) or self._is_done(task)):
                self._release(task)

    def _release(self, task: Task) -> None:
        for each in task.inputs:
            self._inputs.remove(each.data)
        task.inputs = ()

    def _remove(self, task: Task) -> None:
        self._release(task)
        del self._tasks[task.scope, task.id]
        owned = self._unfinished.get((task.scope, task.owner), {})
        owned.pop(task.id, None)
        if not owned:
            self._unfinished.pop((task.scope, task.owner), None)

    def _is_unfinished(self, task: Task) -> bool:
        return task.is_unfinished(self._now_s(task.scope))

    def _is_done(self, task: Task) -> bool:
        return task.state(self._now_s(task.scope)) == "done"
