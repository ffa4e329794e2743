"""stays_in_queue: a task that stays in_queue until it is too old.

In life a queue stands still for hours. A client without a limit of its own polls for ever.
"""

from __future__ import annotations

import math
from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.simulation.task_plan import TaskPlan


def apply(plan: TaskPlan) -> TaskPlan:
    """Let the time in `in_queue` never end."""
    return replace(plan, queue_s=math.inf)


FAULT = Fault(
    name="stays_in_queue",
    hook="task",
    stage="task",
    summary="a task that stays in_queue until it is too old",
    apply=apply,
)
