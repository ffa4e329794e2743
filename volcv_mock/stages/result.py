"""Result: the state of a task, and its picture once it is done.

The picture is painted when it is first asked for, with the output and the watermark that req_json names. A failed task
is done too: its answer is the refusal (vendor's pages, status).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.contract.refusals import refuse
from volcv_mock.faults.base import Stage
from volcv_mock.injection import Injection, format_of, restored
from volcv_mock.model import Call, Job, Outcome, Painted, Problem, Profile, Refusal, TaskAnswer, TaskState
from volcv_mock.session import Session
from volcv_mock.stages import json_text
from volcv_mock.stages.decide import apply_injections, decide
from volcv_mock.stages.resolve import resolve
from volcv_mock.tasks import Task

WHERE = "$.task_id"
ENDS: tuple[Stage, ...] = ("gateway", "gate", "model", "after", "picture")
"""The stages of what a task ends with; mock.fail_task may name a code of any."""
SOURCE = "vendor, pages of asynchronous picture keys"


@frozen
class ResultRequest:
    """What a request for a result asks for; `options` is req_json, parsed."""

    req_key: str
    task_id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def result(call: Call, session: Session) -> Outcome:
    """The outcome: the state, or the picture. Raises Refusal for a bad request, an unknown task, or a code."""
    asked = read("result_request", call, session.world.settings.profile)
    outcome = Outcome(contract.success(), call=call, notes=call.notes + asked.notes)
    outcome = apply_injections("gate", session.injections, outcome)
    task = found(asked, call, session)
    state = _state(task, session)
    if state != "done":
        session.injections.knows(frozenset())
        return replace(outcome, task=TaskAnswer(task.id, state))
    outcome = result_of(task, call, session, asked.options)
    return replace(outcome, notes=outcome.notes + asked.notes)


def read(schema: str, call: Call, profile: Profile) -> ResultRequest:
    """The request, checked against its schema. Raises Refusal."""
    req_key, _ = resolve(call)
    body = call.body or {}
    problems = contract.check_task(schema, body, profile)
    options, notes = _options(body.get("req_json"), profile, problems)
    if problems:
        raise refuse(problems[0].rule, call, *problems)
    return ResultRequest(req_key, body["task_id"], options, notes)


def found(asked: ResultRequest, call: Call, session: Session) -> Task:
    """The caller's task. Raises Refusal with the row that the reading unknown-task gives."""
    task = session.tasks.find(asked.task_id, asked.req_key)
    if task is None:
        raise _answered(call, unknown(asked), TaskAnswer(asked.task_id, "not_found"))
    return task


def unknown(asked: ResultRequest) -> Problem:
    """A task that this scope does not have: never submitted, too old, of another key, or its id was rounded."""
    wanted = "the task_id of a submit with this req_key and this key"
    fix = "Keep task_id as text: as a floating-point number it loses digits."
    return Problem(WHERE, f"unknown task {asked.task_id[:40]!r}", wanted, fix, "task_unknown", SOURCE)


def _options(text: object, profile: Profile, problems: list[Problem]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """req_json as an object. Text that is no JSON, which clients send, is ignored with a note (public client code)."""
    if not isinstance(text, str) or not text:
        return {}, ()
    options, problem, _ = json_text.read_object(text.encode("utf-8", "surrogatepass"))
    if options is None or problem:
        why = problem.found if problem else "no object"
        if profile == "strict":
            wanted, fix = "JSON text of an object", "Fix its JSON."
            problems.append(Problem("$.req_json", why, wanted, fix, "json_syntax", SOURCE))
        return {}, (f"$.req_json: ignored, because it cannot be read: {why}",)
    wrong = contract.check_task("req_json", options, profile)
    problems += [replace(each, where=each.where.replace("$", "$.req_json", 1)) for each in wrong]
    return options, ()


def _state(task: Task, session: Session) -> TaskState:
    """The state now, under a fault that is asked for at this step."""
    injection = session.injections.draw("task")
    plan = injection.apply_task(task.plan) if injection else task.plan
    if injection is None:
        session.injections.settle(restored(task.injected, ("task",)))
    return task.state(session.visit.arrived_at_s, plan)


def result_of(task: Task, call: Call, session: Session, options: Mapping[str, Any]) -> Outcome:
    """The outcome of a task that is done. Raises Refusal for the code with which it ended."""
    injections = session.injections
    injections.settle(restored(task.injected, ENDS))
    more = {"return_url": bool(options.get("return_url")), "logo_info": options.get("logo_info") or {}}
    job = task.job(call, more)
    has = {"url" if more["return_url"] else "base64", "mask" if len(job.pictures) > 1 else "picture"}
    injections.knows(frozenset({*has, *format_of(job.req_key)}))

    def paint(job: Job, injection: Injection | None) -> Painted:
        painted = session.tasks.paint(task, job, injection)
        if painted is None:
            raise _answered(call, _gone(task), TaskAnswer(task.id, "expired"))
        return painted

    outcome = decide(job, injections, paint)
    answer = TaskAnswer(task.id, "done", bool(options.get("aigc_meta")))
    return replace(outcome, task=answer)


def _answered(call: Call, problem: Problem, answer: TaskAnswer) -> Refusal:
    """A success on the wire whose state tells the client that there is no picture, with the reason in the header."""
    refusal = refuse(problem.rule, call, problem, row=contract.success())
    return Refusal(replace(refusal.outcome, task=answer))


def _gone(task: Task) -> Problem:
    fix = "Ask for results earlier, or start the mock with larger --pictures-bytes and --tasks-bytes."
    return Problem(WHERE, f"task {task.id}, whose picture was evicted", "a task whose picture is kept", fix,
                   "task_evicted", "docs/tasks.md")  # fmt: skip
