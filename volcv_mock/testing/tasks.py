"""The tasks of a mock, as a test sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from volcv_mock.model import TaskState
from volcv_mock.scope import DEFAULT_SCOPE
from volcv_mock.tasks import Task
from volcv_mock.world import World


@dataclass(frozen=True, slots=True)
class MockTask:
    """A task at the moment at which it was read. Times are seconds of the mock's clock; `ends_at_s` may be infinite.

    `injected` names the codes and faults that show in its result. `callback` has url, status and problem of its
    callback, None without one.
    """

    id: str
    req_key: str
    status: TaskState
    submitted_at_s: float
    ends_at_s: float
    injected: tuple[str, ...] = ()
    callback: Mapping[str, Any] | None = None


def tasks_of(world: World) -> tuple[MockTask, ...]:
    """The tasks of the default scope, in the order of their submission."""
    now_s = world.clock().now_s()
    return tuple(_shown(task, now_s) for task in world.tasks.listed(DEFAULT_SCOPE))


def named(world: World, task: MockTask | str) -> Task:
    """The task itself. Raises LookupError for an unknown one."""
    task_id = task if isinstance(task, str) else task.id
    found = world.tasks.find(DEFAULT_SCOPE, task_id)
    if found is None:
        known = ", ".join(each.id for each in world.tasks.listed(DEFAULT_SCOPE)[-10:]) or "none"
        raise LookupError(f"unknown task {task_id!r}; the newest: {known}")
    return found


def _shown(task: Task, now_s: float) -> MockTask:
    injected = tuple(each.name for each in task.injected)
    callback = task.callback.listed() if task.callback else None
    return MockTask(task.id, task.req_key, task.state(now_s), task.submitted_at_s, task.ends_at_s, injected, callback)
