"""One task: the work that a submit asked for, and its state as a function of the mock's clock.

A task is plain data: the pictures as bytes, everything else small. Nothing waits for it and nothing runs for it; its
state follows from its age, and its picture is painted when a client first asks for it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from volcv_mock._util.frozen import frozen, mutable
from volcv_mock.imaging.probe import facts_of, read_header
from volcv_mock.model import Call, Fired, Job, Picture, TaskState
from volcv_mock.recording.addresses import without_secrets
from volcv_mock.simulation.task_plan import TaskPlan

_encode = json.JSONEncoder(separators=(",", ":")).encode
NOTHING: Mapping[str, int] = MappingProxyType({})
"""Shared by the tasks that are not painted."""


@frozen
class Input:
    """One picture as it was sent; `is_mask` tells its role."""

    where: str
    data: bytes = field(repr=False)
    is_mask: bool
    is_stand_in: bool

    @property
    def size_bytes(self) -> int:
        """Bytes of the picture."""
        return len(self.data)


@mutable
class Callback:
    """Where the result is posted. `options` are those of req_json; scheme and host those of the submit. `status` is the
    HTTP status of the receiver's answer, `problem` why there is none."""

    url: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    scheme: str = "http"
    host: str = ""
    status: int | None = None
    problem: str = ""

    def listed(self) -> dict[str, Any]:
        """The callback as the control API shows it; the URL without what may be secret."""
        return {"url": without_secrets(self.url)[:200], "status": self.status, "problem": self.problem}


@mutable
class Task:
    """A submitted task. Times are seconds of its scope's clock.

    `owner` is a digest of the key that submitted it. `work` holds req_key, mode, parameters and seed as JSON, `inputs`
    the pictures; they are empty once the store needed their memory. `injected` names the codes and faults that were
    drawn at the submission and show in the result. `painted` maps the ids of its
    results in the picture store to their numbers of pictures. `has_inputs`: the request had pictures. `digest` is that
    of its body.
    """

    id: str
    scope: str
    owner: bytes = field(repr=False)
    req_key: str
    submitted_at_s: float
    plan: TaskPlan
    work: bytes = field(repr=False)
    inputs: tuple[Input, ...] = field(repr=False)
    injected: tuple[Fired, ...] = ()
    call_id: str = ""
    painted: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    is_cancelled: bool = False
    has_inputs: bool = True
    digest: bytes = field(default=b"", repr=False)
    callback: Callback | None = None

    @property
    def ends_at_s(self) -> float:
        """When it ends, by the scope's clock; infinite for a task that never does."""
        return self.submitted_at_s + self.plan.queue_s + self.plan.generating_s

    def state(self, now_s: float, plan: TaskPlan | None = None) -> TaskState:
        """The state at a time of the scope's clock, by another plan if one is given. A clock that was set back does
        not make a task younger than new."""
        if self.is_cancelled:
            return "not_found"
        state = (plan or self.plan).state(max(0.0, now_s - self.submitted_at_s))
        is_gone = state == "done" and self.has_inputs and not self.inputs and not self.painted
        return "expired" if is_gone else state

    def is_unfinished(self, now_s: float) -> bool:
        """Whether it is in the queue or being generated."""
        return self.state(now_s) in ("in_queue", "generating")

    def listed(self, now_s: float) -> dict[str, Any]:
        """The task as the control API shows it. `ends_at_s` is null for one that never ends."""
        return {
            "id": self.id,
            "scope": self.scope,
            "req_key": self.req_key,
            "status": self.state(now_s),
            "submitted_at_s": self.submitted_at_s,
            "ends_at_s": self.ends_at_s if math.isfinite(self.ends_at_s) else None,
            "injected": [each.name for each in self.injected],
            "call_id": self.call_id,
            "callback": self.callback.listed() if self.callback else None,
            "is_painted": bool(self.painted),
            "input_bytes": sum(each.size_bytes for each in self.inputs),
        }

    def finish(self, now_s: float) -> None:
        """End the task now; one that ended stays as it is."""
        if self.is_unfinished(now_s):
            age_s = max(0.0, now_s - self.submitted_at_s)
            self.plan = replace(self.plan, queue_s=age_s, generating_s=0.0, ends_as="done")

    def job(self, call: Call, more: Mapping[str, Any]) -> Job:
        """The work as a job of the call that asks for its result; `more` are members of req_json."""
        work = json.loads(self.work)
        pictures = tuple(map(_picture, self.inputs))
        return Job(call, self.req_key, work["mode"], {**work["parameters"], **more}, pictures,
                   seed=work["seed"], is_repeatable=True, notes=call.notes)  # fmt: skip


def work_of(job: Job) -> bytes:
    """What a task keeps of its job beside the pictures. logo_info and return_url are given when the result is asked."""
    parameters = {name: value for name, value in job.parameters.items() if name not in ("logo_info", "return_url")}
    return _encode({"mode": job.mode, "parameters": parameters, "seed": job.seed}).encode()


def inputs_of(job: Job) -> tuple[Input, ...]:
    """The pictures of a job, undecoded."""
    return tuple(
        Input(sys.intern(each.where), each.data, each.role == "mask", each.is_stand_in) for each in job.pictures
    )


@lru_cache(1024)
def shared(plan: TaskPlan) -> TaskPlan:
    """One object for equal plans: thousands of tasks have the same."""
    return plan


def _picture(each: Input) -> Picture:
    facts = facts_of(each.data, read_header(each.data))
    return Picture(each.where, each.data, facts, None, each.is_stand_in, "mask" if each.is_mask else "picture")
