"""stays_generating: a task that stays generating until it is too old.

In life a worker died with the task and nobody noticed. A client without a limit of its own polls for ever.
"""

from __future__ import annotations

import math
from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.simulation.task_plan import TaskPlan


def apply(plan: TaskPlan) -> TaskPlan:
    """Let the time in `generating` never end."""
    return replace(plan, generating_s=math.inf)


FAULT = Fault(
    name="stays_generating",
    hook="task",
    stage="task",
    summary="a task that stays generating until it is too old",
    apply=apply,
)
