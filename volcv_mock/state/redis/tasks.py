"""The tasks of all processes. A task that is read is a copy: every change is written back, and tried again when another
process was faster (task_put.lua)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any

from volcv_mock.model import EVERY_SCOPE, Fired
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.task_records import digest_in, record_of, take_over, task_of
from volcv_mock.state.redis.texts import text_of
from volcv_mock.tasks import Task
from volcv_mock.tasks.store import MOST_TASKS, Now

Change = Callable[[Task], bool]
"""Changes a task that was read now; True when its inputs are not needed any more."""


class RedisTasks:
    """Every method may be called from any thread. `now_s` reads the clock of a scope as all processes have it."""

    def __init__(
        self, connections: RedisConnections, channel: str, replica: str, budget_bytes: int, now_s: Now
    ) -> None:
        self._connections = connections
        self._channel = channel
        self._replica = replica
        self._budget_bytes = budget_bytes
        self._now_s = now_s
        self._awaited: deque[Task] = deque()
        self._watched: dict[str, Task] = {}
        self._lock = Lock()
        self.on_end: Callable[[], None] = lambda: None

    @property
    def budget_bytes(self) -> int:
        """The most bytes of input pictures."""
        return self._budget_bytes

    @property
    def held_bytes(self) -> int:
        """The bytes of all input pictures; equal ones count once."""
        return int(self._connections.command("HGET", self._connections.key("tn"), "bytes") or 0)

    def submit(self, task: Task) -> bool:
        """Keep a task. False when there is no room."""
        if not self._kept(task):
            self._make_room()
            if not self._kept(task):
                return False
        if task.callback:
            self._await(task)
        return True

    def take_awaited(self) -> Iterator[Task]:
        """The new tasks of this process with a callback, and those of processes that have died."""
        while self._awaited:
            yield self._awaited.popleft()

    def claims(self, task: Task) -> bool:
        """Whether this process may post the callback of a task: one of all processes, once."""
        with self._lock:
            self._watched.pop(_name(task), None)
        return bool(self._connections.script("callback_claim", _name(task)))

    def keep_called(self, task: Task) -> None:
        """Note what became of the callback of a task."""
        told = task.callback

        def change(newest: Task) -> bool:
            newest.callback = told
            return False

        self._change(task, change)

    def adopt(self, names: list[str]) -> bool:
        """Take over the callbacks of tasks of a process that has died; False when there are none."""
        for task in self._read(names):
            if task.callback:
                self._await(task)
        return bool(names)

    def reload(self, name: str) -> None:
        """Another process changed a task."""
        task = self._watched.get(name)
        if task is not None:
            for newer in self._read([name]):
                take_over(task, newer)
            self.on_end()

    def find(self, scope: str, task_id: str) -> Task | None:
        """The task of that id in a scope, whatever its state."""
        return next(iter(self._read([f"{scope}|{task_id}"])), None)

    def latest(self, scope: str, owner: bytes, digest: bytes) -> Task | None:
        """The newest task of an owner with that body."""
        equal = (task for task in reversed(self.listed(scope)) if (task.owner, task.digest) == (owner, digest))
        return next(equal, None)

    def unfinished(self, scope: str, owner: bytes) -> int:
        """How many tasks of an owner are in_queue or generating."""
        now_s, tasks = self._now_s(scope), self._rows(scope, owner.hex())
        ended = [task.id for task in tasks if not task.is_unfinished(now_s)]
        if ended:
            self._connections.script("task_end", scope, owner.hex(), *ended)
        return len(tasks) - len(ended)

    def listed(self, scope: str = EVERY_SCOPE) -> tuple[Task, ...]:
        """The tasks of a scope, in the order of their submission."""
        return self._rows(scope, "")

    def listing(self, scope: str) -> list[dict[str, Any]]:
        """The tasks of a scope as the control API shows them."""
        tasks = self.listed(scope)
        now_s = {name: self._now_s(name) for name in {task.scope for task in tasks}}
        return [task.listed(now_s[task.scope]) for task in tasks]

    def cancel(self, task: Task) -> None:
        """Cancel a task that has not ended; one that ended stays as it is."""
        now_s = self._now_s(task.scope)

        def change(newest: Task) -> bool:
            is_unfinished = newest.is_unfinished(now_s)
            newest.is_cancelled = newest.is_cancelled or is_unfinished
            return is_unfinished

        self._change(task, change)
        self.on_end()

    def finish(self, task: Task) -> None:
        """End a task now."""
        now_s = self._now_s(task.scope)

        def change(newest: Task) -> bool:
            newest.finish(now_s)
            return False

        self._change(task, change)
        self.on_end()

    def fail(self, task: Task, fired: Fired) -> None:
        """End a task now with a code or a fault as its result."""
        now_s = self._now_s(task.scope)

        def change(newest: Task) -> bool:
            newest.injected = (fired,)
            newest.finish(now_s)
            return False

        self._change(task, change)
        self.on_end()

    def keep_painted(self, task: Task, picture_id: str, number: int) -> None:
        """Note that a result of the task, of so many pictures, is in the picture store."""

        def change(newest: Task) -> bool:
            newest.painted = {**newest.painted, picture_id: number}
            return False

        self._change(task, change)

    def oldest_unpainted(self) -> Task | None:
        """The oldest task that is done and whose inputs are still needed: painting it makes room."""
        now_s = self._clocks()
        return next((task for task in self.listed() if task.inputs and task.state(now_s(task.scope)) == "done"), None)

    def painting(self, task: Task) -> AbstractContextManager[None]:
        """Two processes may paint a task at the same time: they paint the same."""
        return nullcontext()

    def clear(self, scope: str = EVERY_SCOPE) -> None:
        """Remove the tasks of a scope."""
        self._remove(self.listed(scope))

    def _await(self, task: Task) -> None:
        with self._lock:
            self._watched[_name(task)] = task
        self._awaited.append(task)

    def _kept(self, task: Task) -> bool:
        inputs: list[Any] = []
        for each in task.inputs:
            inputs += [digest_in(each), each.data]
        waits = self._replica if task.callback else ""
        return bool(self._connections.script("task_submit", task.scope, task.id, record_of(task), task.owner.hex(),
                                             self._budget_bytes, MOST_TASKS, waits, *inputs))  # fmt: skip

    def _make_room(self) -> None:
        """Drop the inputs that no picture needs any more, and the oldest ended task when there are too many."""
        now_s, tasks = self._clocks(), self.listed()
        states = {task.id: task.state(now_s(task.scope)) for task in tasks}
        for task in tasks:
            if task.inputs and (task.painted or states[task.id] not in ("in_queue", "generating", "done")):
                self._change(task, lambda newest: True)
        if len(tasks) >= MOST_TASKS:
            ended = (task for task in tasks if states[task.id] not in ("in_queue", "generating"))
            self._remove(tuple(ended)[:1])

    def _remove(self, tasks: tuple[Task, ...]) -> None:
        if tasks:
            self._connections.script("tasks_remove", *(part for task in tasks
                                                       for part in (_name(task), task.owner.hex())))  # fmt: skip

    def _change(self, task: Task, change: Change) -> None:
        """Change a task as it is now, and the copy that the caller has."""
        name = _name(task)
        while row := self._connections.script("task_get", name)[0]:
            record, version, digests = row
            newest = task_of(name, record, digests, self._input)
            drops = change(newest)
            if drops:
                newest.inputs = ()
            if self._connections.script("task_put", name, version, record_of(newest), "1" if drops else "0",
                                        self._channel):  # fmt: skip
                take_over(task, newest)
                return

    def _clocks(self) -> Now:
        known: dict[str, float] = {}

        def now_s(scope: str) -> float:
            if scope not in known:
                known[scope] = self._now_s(scope)
            return known[scope]

        return now_s

    def _read(self, names: list[str]) -> list[Task]:
        rows = self._connections.script("task_get", *names) if names else []
        return [task_of(name, row[0], row[2], self._input) for name, row in zip(names, rows, strict=True) if row]

    def _rows(self, scope: str, owner: str) -> tuple[Task, ...]:
        rows = self._connections.script("tasks_list", scope, owner)
        return tuple(task_of(text_of(name), record, digests, self._input) for name, record, _, digests in rows)

    def _input(self, digest: str) -> bytes:
        return bytes(self._connections.command("HGET", self._connections.key("tb"), digest) or b"")


def _name(task: Task) -> str:
    return f"{task.scope}|{task.id}"
