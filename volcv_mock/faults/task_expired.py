"""task_expired: a task that ends as expired.

In life the service gave up on a task, and the page says to submit it again; several clients do not know the status
and poll to their limit.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.simulation.task_plan import TaskPlan


def apply(plan: TaskPlan) -> TaskPlan:
    """End the task as `expired` when it would be done."""
    return replace(plan, ends_as="expired")


FAULT = Fault(
    name="task_expired",
    hook="task",
    stage="task",
    summary="a task that ends as expired",
    apply=apply,
)
