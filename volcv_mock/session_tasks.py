"""The tasks of the key that a session's request belongs to: submitted, found and painted.

The stages of the asynchronous Actions reach them as `session.tasks`.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING

from volcv_mock import contract, operations
from volcv_mock.injection import Injection, restored
from volcv_mock.model import Fired, Job, Painted
from volcv_mock.simulation import draws
from volcv_mock.simulation.task_plan import TaskPlan
from volcv_mock.tasks import Callback, Task, inputs_of, shared, work_of

if TYPE_CHECKING:
    from volcv_mock.session import Session


class SessionTasks:
    """Uses the world, the scope and the draws of its session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._world = session.world
        self._visit = session.visit

    def unfinished(self) -> int:
        """The caller's tasks that are in_queue or generating; 0 where no quota counts them."""
        has_quota = self._session.scope.quotas.settings.in_flight is not None
        return self._world.tasks.unfinished(self._visit.scope, self.owner()) if has_quota else 0

    def plan(self, job: Job) -> TaskPlan:
        """How a task of this job proceeds by the scope's latency."""
        return self._session.scope.latency.task_plan(job, self._session.draw_name("latency"))

    def owner(self) -> bytes:
        """A digest of the key that calls: a task belongs to the key that submitted it."""
        return draws.digest(self._world.settings.seed, "owner", self._session.key)[:16]

    def hand_in(
        self, job: Job, plan: TaskPlan, injected: tuple[Fired, ...], callback: Callback | None = None
    ) -> Task | None:
        """Submit a task; None when the inputs of unfinished tasks fill the budget."""
        earlier = self._world.tasks.latest(self._visit.scope, self.owner(), self._digest()) if plan.repeats_id else None
        if earlier:
            return earlier
        task = Task(self._task_id(), self._visit.scope, self.owner(), sys.intern(job.req_key), self._visit.arrived_at_s,
                    shared(plan), work_of(job), inputs_of(job), injected, self._visit.call_id,
                    has_inputs=bool(job.pictures), digest=self._digest(), callback=callback)  # fmt: skip
        while not self._world.tasks.submit(task):
            ended = self._world.tasks.oldest_unpainted()
            if ended is None:
                return None
            faults = restored(ended.injected, ("picture",))
            self.paint(ended, ended.job(job.call, {"logo_info": {}}), next(iter(faults), None))
        return task

    def _digest(self) -> bytes:
        return bytes.fromhex(self._visit.digest)[:16]

    def find(self, task_id: str, req_key: str) -> Task | None:
        """The caller's own task of that id and req_key."""
        task = self._world.tasks.find(self._visit.scope, task_id)
        return task if task and (task.owner, task.req_key) == (self.owner(), req_key) else None

    def paint(self, task: Task, job: Job, injection: Injection | None = None) -> Painted | None:
        """The picture of a task, with the watermark and the fault of this request: painted once, then kept in the
        picture store. None when neither the picture nor the inputs are kept any more."""
        name = draws.hexadecimal(
            32, "task", task.scope, task.id, repr(job.parameters.get("logo_info")), injection.name if injection else ""
        )
        with self._world.tasks.painting(task):
            kept = [self._world.pictures.held(each) for each in _names(name, task.painted.get(name, 0))]
            if kept and all(kept):
                return operations.stored([data for data in kept if data])
            return self._paint_now(task, job, injection, name) if job.pictures or not task.has_inputs else None

    def _paint_now(self, task: Task, job: Job, injection: Injection | None, name: str) -> Painted:
        painted = self._session.paint(job, injection)
        expires_at_s = task.submitted_at_s + task.plan.lifetime_s
        names = _names(name, len(painted.pictures))
        for picture_id, picture in zip(names, painted.pictures, strict=True):
            self._world.pictures.put(picture_id, picture.data, expires_at_s, task.scope)
        self._world.tasks.keep_painted(task, name, len(names))
        return painted

    def _task_id(self) -> str:
        """Decimal text of an unsigned 64-bit number; drawn again in the rare case that the scope has it already."""
        least, most = int(contract.parameter("task_id_least")), int(contract.parameter("task_id_most"))
        for attempt in count():
            found = str(least + draws.integer(most - least + 1, *self._session.draw_name("task"), attempt))
            if self._world.tasks.find(self._visit.scope, found) is None:
                break
        return found


def _names(first: str, number: int) -> list[str]:
    """The ids under which the pictures of one result are stored."""
    return [first if index == 0 else draws.hexadecimal(32, first, index) for index in range(number)]
