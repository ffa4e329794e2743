"""A reference model of tasks: the state that a poll must report, written from the documentation alone.

- A task is in_queue for its time in the queue, then generating, then done (docs/tasks.md).
- It can be asked for until it is too old; after that it is not_found, and so is one that was given up.
- A code of the model is drawn at the submit and shows once the task is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import contract
from ..model import Request

LIFETIME_S = float(contract.figure("task_lifetime_s"))


@dataclass
class ModelTask:
    """One submitted task. `code` is that with which it ends; None for a picture."""

    id: str
    request: Request
    submitted_at_s: float
    queue_s: float
    generating_s: float
    code: int | None = None
    is_given_up: bool = False
    seen: str = "in_queue"
    """The state that was last reported."""

    def state(self, now_s: float) -> str:
        """The state at this time of the scope's clock."""
        age_s = now_s - self.submitted_at_s
        if self.is_given_up or age_s > LIFETIME_S:
            return "not_found"
        if age_s < self.queue_s:
            return "in_queue"
        return "generating" if age_s < self.queue_s + self.generating_s else "done"

    def finish(self, now_s: float) -> None:
        """End it now, unless it has ended."""
        if self.state(now_s) in ("in_queue", "generating"):
            self.queue_s, self.generating_s = now_s - self.submitted_at_s, 0.0

    def give_up(self, now_s: float) -> None:
        """Given up, unless it has ended."""
        self.is_given_up = self.is_given_up or self.state(now_s) in ("in_queue", "generating")
