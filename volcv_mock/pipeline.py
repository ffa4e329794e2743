"""The pipeline: the only place where the order of the stages is written. service.py calls it.

It decides, never waits and never touches a socket. The order is part of the contract: transport and size, Action and
Version, credentials, quotas, media type, JSON, req_key, schema, pictures, mask, risk. A request with two faults is
refused for the one that is checked first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from volcv_mock import contract
from volcv_mock.contract.refusals import refuse_before_pipeline, under_readings
from volcv_mock.delivery import Forward, Reply
from volcv_mock.model import FORWARDING, Call, Outcome, Problem, RawRequest, Refusal, Step
from volcv_mock.session import Session
from volcv_mock.stages.authenticate import authenticate
from volcv_mock.stages.callback import without_callback
from volcv_mock.stages.cancel import cancel
from volcv_mock.stages.decide import apply_injections, decide
from volcv_mock.stages.parse import parse
from volcv_mock.stages.render import render
from volcv_mock.stages.resolve import resolve
from volcv_mock.stages.result import result
from volcv_mock.stages.submit import submit
from volcv_mock.stages.validate import picture_urls, validate
from volcv_mock.world import World


def handle(raw: RawRequest, world: World) -> Reply | Forward:
    """The reply to one request, at once, with the plan of its delivery; or the request to send to the upstream."""
    session = Session(raw, world)
    try:
        with contract.playing(world.readings):
            outcome = _outcome(raw, world, session)
            if session.mode != "mock":
                from volcv_mock.stages import beside  # lazy: start-up time, as below

                return beside.reply(outcome, session)
            return session.close(outcome, render(outcome, session))
    except Exception:  # a bug: no transport will deliver this call and release its slot
        session.abandon()
        raise


def _outcome(raw: RawRequest, world: World, session: Session) -> Outcome:
    """The order of the stages."""
    try:
        light = session.replayed_before()
        call = session.keep(parse(raw, session.visit, None if light else session.remembered(), light))
        call = session.keep(authenticate(call, world.keys, world.wall_s()))
        session.draw_injections(call)
        session.admit(call)
        apply_injections("gateway", session.injections, session.so_far())
        if call.is_light and session.mode != "replay":  # a rule or the header chose another mode
            from volcv_mock.stages import beside

            call = beside.with_pictures(call, session)
        return _step_of(call, session)(call, session)
    except Refusal as refusal:
        return under_readings(refusal.outcome, world.readings.answers)


def _step_of(call: Call, session: Session) -> Callable[[Call, Session], Outcome]:
    if session.mode == "mock":
        return STEPS[call.step]
    from volcv_mock.stages import beside

    return beside.step_of(call, session, STEPS)


def _picture_now(call: Call, session: Session) -> Outcome:
    job = validate(call, *resolve(call), session)
    if session.mode == "mock":
        return decide(job, session.injections, session.paint)
    from volcv_mock.stages import beside

    return decide(job, session.injections, partial(beside.painter, session))


def _new_task(call: Call, session: Session) -> Outcome:
    call, callback = without_callback(call, session.world.settings.profile)
    return submit(validate(call, *resolve(call), session, remembers=callback is None), session, callback)


STEPS: Mapping[Step, Callable[[Call, Session], Outcome]] = {
    "sync": _picture_now,
    "submit": _new_task,
    "result": result,
    "cancel": cancel,
}
"""What an Action asks for, by the step of its row in schemas/catalog.json."""


def pictures_wanted(raw: RawRequest, world: World) -> tuple[str, ...]:
    """The picture URLs to fetch before `handle`, none unless the request passes its credentials."""
    if world.settings.mode in FORWARDING and world.settings.mode != "diff":  # the upstream fetches them
        return ()
    # A single byte is found at the speed of memory: base64 has no backslash, and few clients escape letters.
    if raw.fetched or not (b"image_urls" in raw.body or (b"\\" in raw.body and b"\\u" in raw.body)):
        return ()
    try:
        with contract.playing(world.readings):
            call = authenticate(parse(raw, world.glimpse(raw)), world.keys, world.wall_s())
            if world.settings.mode == "replay":
                from volcv_mock.stages import beside

                if beside.recordings_of(call, world):
                    return ()
            takes_pictures = call.step in ("sync", "submit")
            return picture_urls(call.body or {}, resolve(call)[1]) if takes_pictures else ()
    except Refusal:
        return ()


def refuse(raw: RawRequest, world: World, problem: Problem) -> Reply:
    """The refusal of a request that does not enter the pipeline: a wrong method, too large a body."""
    session = Session(raw, world)
    try:
        with contract.playing(world.readings):
            reseller = contract.resellers()[contract.reading("reseller-errors")]
            refusal = refuse_before_pipeline(Call(raw, session.visit, "", ""), problem, reseller)
            outcome = under_readings(refusal.outcome, world.readings.answers)
            return session.close(outcome, render(outcome, session))
    except Exception:
        session.abandon()
        raise
