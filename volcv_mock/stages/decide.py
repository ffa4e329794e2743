"""Decide: an injected outcome at its own phase, else a painted picture.

An injection is drawn at the phase where the service would fail: gate codes before the model (they cost no time),
model codes instead of a picture, after-codes once the picture is painted (the caller waited for it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from volcv_mock import contract
from volcv_mock._util.frozen import changed
from volcv_mock.contract.refusals import filled
from volcv_mock.faults.base import Stage
from volcv_mock.injection import Injection
from volcv_mock.injection.rules import Draws
from volcv_mock.model import CodeRow, Job, Outcome, Painted, Refusal

Paint = Callable[[Job, Injection | None], Painted | None]


def apply_injections(stage: Stage, injections: Draws, outcome: Outcome) -> Outcome:
    """The outcome, changed if an injection is due at this stage. Raises Refusal for a code."""
    injection = injections.draw(stage)
    if injection is None:
        return outcome
    if injection.code:
        raise Refusal(replace(outcome, row=injection.code, message=_filled(injection.code, outcome)))
    return injection.apply_outcome(outcome)


def decide(job: Job, injections: Draws, paint: Paint) -> Outcome:
    """The outcome of a valid request. Raises Refusal for an injected code."""
    facts = tuple(picture.facts for picture in job.pictures)
    outcome = apply_injections(
        "gate", injections, Outcome(contract.success(), job=job, call=job.call, facts=facts, notes=job.notes)
    )
    applied = apply_injections("model", injections, outcome)
    if applied is not outcome:  # 201304: the model ran and gave no picture (S0, S3)
        return applied
    outcome = apply_injections("after", injections, outcome)
    return changed(outcome, painted=paint(job, injections.draw("picture")))


def _filled(row: CodeRow, outcome: Outcome) -> str:
    """A message template needs a value: the Action is the one that fits them all."""
    action = outcome.call.action if outcome.call else ""
    return filled(row, outcome.call, action) if "%s" in row.message else ""
