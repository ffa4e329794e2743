"""same_task_id: a repeated submit is answered with the id of the first task.

In life a gateway recognises a repeated body. A client that counts tasks by their ids then waits for one too many.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.simulation.task_plan import TaskPlan


def apply(plan: TaskPlan) -> TaskPlan:
    """Answer a repeated submit with the id of the task before."""
    return replace(plan, repeats_id=True)


FAULT = Fault(
    name="same_task_id",
    hook="task",
    stage="task",
    summary="a repeated submit is answered with the id of the first task",
    apply=apply,
    needs="repeat",
)
