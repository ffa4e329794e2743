"""Forward: whether a request goes to the upstream, and what its answer becomes. pipeline.py calls it last.

The stages before it have decided what the mock itself would answer. That decision is kept in the journal beside the
upstream's answer, and answers the client where nothing may be forwarded: without a configured key, or when a fault or
rule of the mode `spy` answers. Waiting is the transport's work (model.Forward).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from volcv_mock.contract.refusals import refuse
from volcv_mock.delivery import DeliveryPlan, Forward, Incoming, Reply
from volcv_mock.imaging import probe
from volcv_mock.injection import Injection
from volcv_mock.model import FORWARDING, Call, CodeRow, Job, Outcome, Painted, Picture, Problem, Refusal
from volcv_mock.recording.ledger import BudgetMissing, BudgetSpent
from volcv_mock.recording.library import BadRecordings
from volcv_mock.session import Session
from volcv_mock.session_upstream import checked, close_later, without_body, without_picture
from volcv_mock.signing.keys import OWN_KEYS
from volcv_mock.stages.authenticate import authenticate
from volcv_mock.stages.render import render
from volcv_mock.stages.validate import NOT_FETCHED
from volcv_mock.upstream import answers, differences, record
from volcv_mock.upstream.answers import SOURCE
from volcv_mock.upstream.difference_log import ComparedCall
from volcv_mock.upstream.requests import outgoing
from volcv_mock.upstream.spool import put_aside, spool

Compare = Callable[[Incoming], list[str]]

KEPT_HEAD = ("reset", "empty", "hang")
"""Wire faults that send no byte of an answer: no call is spent for them."""


def painter(session: Session, job: Job, injection: Injection | None) -> Painted | None:
    """The picture, or None when the upstream will give it."""
    if session.mode in FORWARDING and session.mode != "diff" and not answers_here(session):
        return None
    return session.paint(job, injection)


def answers_here(session: Session) -> bool:
    """In the mode `spy`: whether a code or a fault answers, so that the upstream need not be called.

    Delays, and wire faults that break a real answer, are applied to what the upstream answers.
    """
    if session.mode != "spy":
        return False
    for stage in ("reply", "wire"):
        session.injections.draw(stage)
    return any(_replaces_answer(injection) for injection in session.injections.drawn())


def _replaces_answer(injection: Injection) -> bool:
    if injection.mode or injection.stage == "delay":
        return False
    return injection.stage != "wire" or injection.name in KEPT_HEAD


def forwarded(outcome: Outcome, session: Session) -> Forward | Outcome:
    """The request to send, or the outcome to answer with here."""
    if session.mode not in FORWARDING or session.is_settled:
        return outcome
    if answers_here(session):
        return replace(outcome, notes=(*outcome.notes, "upstream not called"))
    try:
        call = _permitted(outcome, session)
        session.taken_on = _taken(call, session)
    except Refusal as refusal:
        is_before_keys = session.call is None  # an Action that is missing is refused before the key is looked at
        return outcome if is_before_keys and outcome.problems else refusal.outcome
    request = outgoing(call, session.world.settings, session.world.real_s())
    compare = _comparison(outcome, session)
    settled = replace(_note_problems(outcome), painted=None, own_picture=_own_picture(outcome, session))
    body = put_aside(session.raw.body) if session.mode == "record" else bytes
    if session.mode != "diff":  # it compares the pictures with both answers
        settled = without_body(session, settled)
        spool(request)
    links = record.links if session.mode == "record" else None
    return Forward(
        request, lambda incoming: _finish(incoming, settled, session, compare, body), session.abandon, links,
        keeps_pictures=session.mode == "diff",
    )  # fmt: skip


def _own_picture(outcome: Outcome, session: Session) -> Picture | None:
    """In the mode `diff`: what the mock painted, for the journal."""
    if session.mode != "diff" or outcome.painted is None:
        return None
    data = outcome.painted.data
    return Picture("the mock's own answer", data, probe.facts_of(data, probe.read_header(data)), role="mock")


def _recorded(incoming: Incoming, session: Session, body: Callable[[], bytes]) -> tuple[str, ...]:
    """In the mode `record`: write the exchange, before the client has its answer. A note says where it is."""
    world = session.world
    if session.mode != "record" or world.recorder is None or world.library is None:
        return ()
    exchange = record.recordable(replace(session.raw, body=body()), incoming, _secrets(session), world.real_s())
    name = record.save(world.recorder, exchange)
    if name.startswith("not recorded"):
        return (name,)
    try:
        world.library.add(name)
    except BadRecordings as error:  # the client still has its answer
        return (f"recorded, but cannot be replayed: {error}",)
    return (f"recorded as exchanges/{name}", *record.not_kept(incoming))


def _secrets(session: Session) -> tuple[str, ...]:
    """What no file and no text of this call may hold."""
    return session.key, *session.world.secrets


def _permitted(outcome: Outcome, session: Session) -> Call:
    """The call with its verified credential. Raises Refusal unless the key is a configured one that may leave."""
    call = outcome.call or (outcome.job.call if outcome.job else None)
    assert call is not None
    world = session.world
    try:
        found = authenticate(call, replace(world.keys, mode="strict", triggers=False), world.wall_s())
    except Refusal as refusal:
        problem = replace(refusal.outcome.problems[0], fix="Only keys given with --api-key, or --ak, are forwarded.")
        raise Refusal(replace(refusal.outcome, problems=(problem,))) from None
    if not found.credential.is_verified:  # a reading may waive the check of the key; a forwarded call is paid for
        fix = "Only keys given with --api-key, or --ak, are forwarded."
        raise _refused(call, "upstream_access_key", "no configured key", "a key given with --api-key or --ak", fix)
    if found.credential.key.startswith(OWN_KEYS):
        wanted, fix = "a key of the service", "Keys sk-mock-... and sk-scope-... are known to this mock only."
        raise _refused(call, "upstream_access_key", "a key of this mock", wanted, fix)
    if call.raw.endpoint == "official" and not world.settings.upstream_ak:
        fix = "Start the mock with --upstream-ak and --upstream-sk: a signature covers the host, so it is made anew."
        raise _refused(call, "upstream_access_key", "no access key of the upstream", "one to sign with", fix)
    return found


def _refused(call: Call, rule: str, found: str, wanted: str, fix: str) -> Refusal:
    return refuse(rule, call, Problem("upstream", found, wanted, fix, rule, SOURCE))


def _taken(call: Call, session: Session) -> date | None:
    """Write the call into the ledger before it is sent. Raises Refusal when the budget is spent."""
    ledger = session.world.ledger
    if ledger is None:
        return None
    try:
        return ledger.take(call.visit.call_id, call.visit.digest)
    except (BudgetSpent, BudgetMissing, OSError) as error:
        fix = "Wait for tomorrow (UTC), raise --upstream-budget, or use --mode mock."
        raise _refused(call, "upstream_budget_spent", str(error)[:300], "a budget for one more call", fix) from None


def _settle(session: Session, row: CodeRow) -> None:
    """Return a call to the budget when its refusal before the model was seen; any other stays counted."""
    if session.world.ledger is None:
        return
    visit, is_free = session.visit, row.phase in ("gateway", "gate") and 400 <= row.http_status < 500
    if is_free:
        session.world.ledger.give_back(visit.call_id, visit.digest, row.id, session.taken_on)
    else:
        session.world.ledger.note(visit.call_id, visit.digest, row.id)


def _note_problems(outcome: Outcome) -> Outcome:
    """The mock's decision as notes: what its own validation would have refused."""
    problems = [problem for problem in outcome.problems if problem.found != NOT_FETCHED]
    notes = [f"the mock would refuse: {problem.sentence()}" for problem in problems]
    return replace(outcome, problems=(), notes=(*outcome.notes, *notes))


def _comparison(outcome: Outcome, session: Session) -> Compare | None:
    """In the mode `diff`: what compares the mock's own reply with the upstream's answer, and keeps the result."""
    if session.mode != "diff" or outcome.step != "sync":
        return None
    own, visit = render(outcome, session), session.visit

    def compare(incoming: Incoming) -> list[str]:
        found = differences.compare(own, incoming, outcome.job, _secrets(session))
        call = ComparedCall(visit.call_id, visit.scope, visit.arrived_at_s, outcome.req_key, found)
        session.world.differences.add(call)
        return differences.to_text(found)

    return compare


def _finish(
    incoming: Incoming, outcome: Outcome, session: Session, compare: Compare | None, body: Callable[[], bytes]
) -> Reply:
    """The reply with the upstream's answer, or the refusal that stands for a missing one."""
    problem = answers.unusable(incoming)
    if problem is not None:
        settled = _note_problems(checked(session)) if session.check else outcome
        return _failed(problem, incoming, settled, session)
    read = answers.read(incoming, _secrets(session))
    _settle(session, read.row)
    notes = (_note(session, incoming), *_recorded(incoming, session, body), *(compare(incoming) if compare else ()))
    painted = without_picture(session, read.painted) if session.check else read.painted
    seen = partial(_seen, read.row, read.message, read.algorithm_status, painted, notes)
    reply = _reply(incoming, session)
    if session.check:
        return close_later(session, lambda checked: seen(_note_problems(checked)), reply)
    return session.close(seen(outcome), reply)


def _seen(
    row: CodeRow, message: str, algorithm_status: int, painted: Painted | None, notes: tuple[str, ...], outcome: Outcome
) -> Outcome:
    """The outcome with what the upstream answered."""
    return replace(outcome, row=row, message=message, algorithm_status=algorithm_status, painted=painted,
                   notes=(*outcome.notes, *notes))  # fmt: skip


def _failed(problem: Problem, incoming: Incoming, outcome: Outcome, session: Session) -> Reply:
    session.injections.end()
    if session.world.ledger is not None and not incoming.is_sent:
        session.world.ledger.give_back(session.visit.call_id, session.visit.digest, "not sent", session.taken_on)
    call = outcome.call or (outcome.job.call if outcome.job else None)
    refusal = refuse(problem.rule, call, problem).outcome
    notes = (*outcome.notes, _note(session, incoming))
    failed = replace(outcome, row=refusal.row, message="", problems=(problem,), notes=notes)
    return session.close(failed, render(failed, session))


def _note(session: Session, incoming: Incoming) -> str:
    status = f"HTTP {incoming.status}" if incoming.status else "no answer"
    return f"mode {session.mode}: {status} from the upstream after {incoming.elapsed_s:.3f} s"


def _reply(incoming: Incoming, session: Session) -> Reply:
    delay_s = session.injections.delay() or 0.0
    plan, visit = DeliveryPlan(delay_s), session.visit
    wire = session.injections.draw("wire")
    plan = wire.apply_wire(plan) if wire else plan
    headers = (*answers.passed_on(incoming.headers), ("X-Volcv-Mock-Call", visit.call_id))
    return Reply(incoming.status, headers, (incoming.body,), visit.call_id, visit.scope, plan,
                 visit.arrived_at_s + delay_s, visit.arrival)  # fmt: skip
