"""How a task of the asynchronous Actions proceeds: planned when it is submitted, read with the clock afterwards."""

from __future__ import annotations

import math

from volcv_mock._util.frozen import frozen
from volcv_mock.model import TaskState


@frozen
class TaskPlan:
    """How a task proceeds, in seconds after its submission: in_queue, then generating, then `ends_as`.

    A time of infinity means that the task stays in that state. From `lifetime_s` on it is not_found. `repeats_id`: the
    submit is answered with the id of an earlier equal one.
    """

    queue_s: float = 0.0
    generating_s: float = 0.0
    lifetime_s: float = math.inf
    ends_as: TaskState = "done"
    repeats_id: bool = False

    def state(self, age_s: float) -> TaskState:
        """The state at an age in seconds."""
        if age_s >= self.lifetime_s:
            return "not_found"
        if age_s < self.queue_s:
            return "in_queue"
        return "generating" if age_s < self.queue_s + self.generating_s else self.ends_as
