"""What the pipeline does in the modes beside the real service: replay, forward, or paint what neither answers.

pipeline.py imports this for the first request in a mode other than `mock`: a mock without an upstream or recordings
starts sooner without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from volcv_mock.contract.refusals import under_readings
from volcv_mock.delivery import Forward, Reply
from volcv_mock.model import FORWARDING, Call, Credential, Outcome, Refusal, Step
from volcv_mock.session import Session
from volcv_mock.session_upstream import check_later, kept_request
from volcv_mock.stages.decide import apply_injections
from volcv_mock.stages.forward import forwarded, painter
from volcv_mock.stages.parse import parse
from volcv_mock.stages.render import render
from volcv_mock.stages.replay import missing, next_of, recordings_of, replay, replayed_reply

__all__ = ["painter", "recordings_of", "reply", "step_of", "with_pictures"]

Steps = Mapping[Step, Callable[[Call, Session], Outcome]]


def step_of(call: Call, session: Session, steps: Steps) -> Callable[[Call, Session], Outcome]:
    """What decides the call; `steps` are those of the mode `mock`."""
    if session.mode == "replay":
        return lambda call, session: _recorded(call, session, steps)
    check = partial(_checked, call.credential, steps["sync"], session)
    if session.mode == "pass" and call.step == "sync" and check_later(session, check):
        return lambda _, session: session.so_far()
    return _step_of_upstream if session.mode in FORWARDING and call.step != "sync" else steps[call.step]


def _checked(credential: Credential, step: Callable[[Call, Session], Outcome], session: Session) -> Outcome:
    """What this mock would have answered to a call that was passed on."""
    try:
        found = parse(kept_request(session), session.visit, session.remembered())
        return step(replace(found, credential=credential), session)
    except Refusal as refusal:
        return under_readings(refusal.outcome, session.world.readings.answers)


def reply(outcome: Outcome, session: Session) -> Reply | Forward:
    """The journalled reply of this mock, or the request to send to the upstream."""
    found = forwarded(outcome, session)
    if isinstance(found, Forward):
        session.is_forwarded = True
        return found
    return session.close(found, replayed_reply(found, session) if found.replayed else render(found, session))


def with_pictures(call: Call, session: Session) -> Call:
    """The call with its whole body, which is read again if it is light."""
    if not call.is_light:
        return call
    whole = parse(call.raw, session.visit, session.remembered())
    return session.keep(whole.presenting(call.credential))


def _step_of_upstream(call: Call, session: Session) -> Outcome:
    """Tasks of the upstream are its own: this mock only plays what refuses them before."""
    return apply_injections("gate", session.injections, session.so_far())


def _recorded(call: Call, session: Session, steps: Steps) -> Outcome:
    """What was recorded; what was not is painted, refused, or recorded now."""
    found = recordings_of(call, session.world)
    if found:
        outcome = replay(call, next_of(found, call, session), session)
        session.remember_replayed(call)
        return outcome or steps[call.step](with_pictures(call, session), session)
    if session.world.settings.replay_misses == "refuse":
        raise missing(call, "a request that was never recorded")
    if session.world.settings.replay_misses == "record":
        session.mode = "record"
        return step_of(call, session, steps)(call, session)
    return steps[call.step](call, session)
