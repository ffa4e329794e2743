"""Cancel: a task that has not ended is given up. No answer of the service is public: see cancelled-task in
schemas/divergences.json.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock import contract
from volcv_mock.model import Call, Outcome, TaskAnswer
from volcv_mock.session import Session
from volcv_mock.stages.decide import apply_injections
from volcv_mock.stages.result import found, read


def cancel(call: Call, session: Session) -> Outcome:
    """The outcome. Raises Refusal for a bad request, an unknown task, or a code."""
    asked = read("cancel_request", call, session.world.settings.profile)
    outcome = apply_injections("gate", session.injections, Outcome(contract.success(), call=call, notes=call.notes))
    task = found(asked, call, session)
    session.world.tasks.cancel(task)
    session.injections.knows(frozenset())
    return replace(outcome, task=TaskAnswer(task.id, task.state(session.visit.arrived_at_s)))
