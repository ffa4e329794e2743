"""Submit: a sound request becomes a task. What the model would decide is drawn now and shows in the result.

Codes of the gate refuse the submit itself; those of the model and after it, and faults of the picture, belong to the
task (assumed: no page says in which step a review refuses).
"""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock._util.frozen import changed
from volcv_mock.contract.refusals import refuse
from volcv_mock.faults.base import Stage
from volcv_mock.injection import Injection
from volcv_mock.injection.rules import Draws
from volcv_mock.model import Job, Outcome, Problem, TaskAnswer
from volcv_mock.session import Session
from volcv_mock.stages.decide import apply_injections
from volcv_mock.tasks import Callback

RESULT: tuple[Stage, ...] = ("model", "after", "picture")


def submit(job: Job, session: Session, callback: Callback | None = None) -> Outcome:
    """The outcome with the new task's id. Raises Refusal for a code of the gate, and when there is no room."""
    facts = tuple(picture.facts for picture in job.pictures)
    outcome = Outcome(contract.success(), job=job, call=job.call, facts=facts, notes=job.notes)
    outcome = apply_injections("gate", session.injections, outcome)
    plan, planned = session.tasks.plan(job), session.injections.draw("task")
    injected = tuple(each.fired() for each in (planned, *_of_the_result(session.injections)) if each)
    task = session.tasks.hand_in(job, planned.apply_task(plan) if planned else plan, injected, callback)
    if task is None:
        raise refuse("tasks_full", job.call, _full(session.world.tasks.held_bytes))
    session.injections.knows(frozenset())
    return changed(outcome, task=TaskAnswer(task.id))


def _of_the_result(injections: Draws) -> Iterator[Injection]:
    """As decide.py draws them: after a code, or a fault of the model, nothing more is drawn."""
    for stage in RESULT:
        if injection := injections.draw(stage):
            yield injection
            if injection.code or stage == "model":
                return


def _full(held_bytes: int) -> Problem:
    fix = "Let tasks end and ask for their results, or start the mock with a larger --tasks-bytes."
    return Problem("mock", f"{held_bytes} bytes of input pictures of unfinished tasks", "room for one more task", fix,
                   "tasks_full", "docs/tasks.md")  # fmt: skip
