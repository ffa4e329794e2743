"""task_vanishes: a task that is not_found at the time at which it would be done.

In life a task is lost when the service is restarted; several clients do not know the status and poll to their limit.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.simulation.task_plan import TaskPlan


def apply(plan: TaskPlan) -> TaskPlan:
    """End the task as `not_found` when it would be done."""
    return replace(plan, ends_as="not_found")


FAULT = Fault(
    name="task_vanishes",
    hook="task",
    stage="task",
    summary="a task that is not_found at the time at which it would be done",
    apply=apply,
)
