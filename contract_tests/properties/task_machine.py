"""A state machine over submit, result and cancel, by every pair of Actions, against a reference model.

The clock of its scope is frozen: only the machine moves it. Every answer passes every check besides.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .. import contract
from ..generate import plain_request
from ..model import SUCCESS, Exchange, Expect, Request, Sent
from ..pictures import Mask, Photo
from ..relations.polling import CANCEL, JSON, NEVER_SUBMITTED, Query, query, state_of
from ..runner.session import Session
from ..targets import Target
from .plugin import assert_conform, own_scopes
from .task_model import LIFETIME_S, ModelTask

START_S = 1_800_000_000
"""A whole number, so that adding seconds to it loses none."""
ORDER = ("in_queue", "generating", "done", "not_found")
REQ_KEYS = ("i2i_inpainting", "i2i_inpainting_edit", "byteedit_v2.0")
PAIRS = (
    (query("CVSync2AsyncSubmitTask"), query("CVSync2AsyncGetResult")),
    (query("CVSubmitTask"), query("CVGetResult")),
    (query("ByteEditV20SubmitTask", "2024-06-06"), query("ByteEditV20GetResult", "2024-06-06")),
)
"""Of the last, the answers are wrapped in ResponseMetadata and Result."""
AFTER, BEFORE = (50511, 50500), (50411, 50429)
"""Codes that show in the result, and codes that refuse the submit."""
SCOPES = own_scopes("tasks")


class Tasks(RuleBasedStateMachine):
    """One scope of its own for each run, so that runs cannot disturb one another."""

    target: Target
    session: Session

    @initialize()
    def start(self) -> None:
        self.scope = next(SCOPES)
        self.tasks: list[ModelTask] = []
        self.pictures: dict[str, bytes] = {}
        self.now_s = START_S
        self.control("PUT", "clock", json={"now_s": START_S, "is_frozen": True})

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            self.control("POST", "reset")

    @rule(req_key=st.sampled_from(REQ_KEYS), seed=st.integers(1, 2), pair=st.sampled_from(PAIRS),
          queue_s=st.sampled_from([0, 3, 8]), generating_s=st.sampled_from([0, 5]),
          code=st.sampled_from([None, None, *AFTER]))  # fmt: skip
    def submit(self, req_key: str, seed: int, pair: tuple[Query, Query], queue_s: int, generating_s: int,
               code: int | None) -> None:  # fmt: skip
        request = _small(req_key, seed)
        asked = f"queue={queue_s}s; generating={generating_s}s" + (f"; code={code}" if code else "")

        answer = self.send(request, pair[0], SUCCESS, asked).answer

        task_id = answer.data["task_id"]
        self.tasks.append(ModelTask(task_id, request, self.now_s, queue_s, generating_s, code))

    @rule(req_key=st.sampled_from(REQ_KEYS), pair=st.sampled_from(PAIRS), code=st.sampled_from(BEFORE))
    def a_refused_submit_leaves_no_task(self, req_key: str, pair: tuple[Query, Query], code: int) -> None:
        self.send(_small(req_key, 1), pair[0], _refused(code), f"code={code}")

    @rule(pair=st.sampled_from(PAIRS))
    def an_invalid_submit_leaves_no_task(self, pair: tuple[Query, Query]) -> None:
        row = contract.row_for_rule("schema_type").id
        self.send(_small("i2i_inpainting", "seven"), pair[0], Expect(success=False, row=row))

    @precondition(lambda self: self.tasks)
    @rule(at=st.integers(0, 9), pair=st.sampled_from(PAIRS), as_link=st.booleans())
    def poll(self, at: int, pair: tuple[Query, Query], as_link: bool) -> None:
        task = self.tasks[at % len(self.tasks)]
        state = task.state(self.now_s)
        has_failed = state == "done" and task.code is not None
        options = {"req_json": json.dumps({"return_url": True})} if as_link else {}

        exchange = self.ask(task, pair[1], _refused(task.code) if has_failed else SUCCESS, **options)

        if not has_failed:
            assert state_of(exchange) == state
            self.goes_forward(task, state)
        if state == "done" and not has_failed:
            assert exchange.received_picture == self.picture_of(task.request)

    def goes_forward(self, task: ModelTask, state: str) -> None:
        """Whatever happens between two polls, a task never goes back."""
        assert ORDER.index(state) >= ORDER.index(task.seen)
        task.seen = state

    def picture_of(self, request: Request) -> bytes:
        """What the synchronous call gives for the same request, asked once."""
        if request.identity not in self.pictures:
            self.pictures[request.identity] = self.send(request, query("CVProcess"), SUCCESS).received_picture
        return self.pictures[request.identity]

    @precondition(lambda self: self.tasks)
    @rule(at=st.integers(0, 9), pair=st.sampled_from(PAIRS))
    def a_task_is_not_found_by_another_req_key(self, at: int, pair: tuple[Query, Query]) -> None:
        task = self.tasks[at % len(self.tasks)]

        assert state_of(self.ask(replace_key(task), pair[1], SUCCESS)) == "not_found"

    @rule(pair=st.sampled_from(PAIRS))
    def a_task_that_nobody_submitted_is_not_found(self, pair: tuple[Query, Query]) -> None:
        unknown = ModelTask(NEVER_SUBMITTED, _small("i2i_inpainting", 1), self.now_s, 0, 0)

        assert state_of(self.ask(unknown, pair[1], SUCCESS)) == "not_found"

    @precondition(lambda self: self.tasks)
    @rule(at=st.integers(0, 9))
    def give_up(self, at: int) -> None:
        task = self.tasks[at % len(self.tasks)]
        self.ask(task, CANCEL, SUCCESS)

        task.give_up(self.now_s)

    @precondition(lambda self: self.tasks)
    @rule(at=st.integers(0, 9))
    def finish(self, at: int) -> None:
        task = self.tasks[at % len(self.tasks)]
        if task.state(self.now_s) != "not_found":
            self.control("POST", f"tasks/{task.id}/finish")
            task.finish(self.now_s)

    @rule(seconds=st.sampled_from([1, 2, 4, 60, int(LIFETIME_S) + 1]))
    def time_passes(self, seconds: int) -> None:
        self.control("POST", "clock/advance", json={"seconds": seconds})
        self.now_s += seconds

    @invariant()
    def the_tasks_are_listed_with_their_states(self) -> None:
        listed = {one["id"]: one["status"] for one in self.control("GET", "tasks")["tasks"]}
        wanted = {one.id: one.state(self.now_s) for one in self.tasks}
        assert {name: state for name, state in listed.items() if state != "not_found"} == {
            name: state for name, state in wanted.items() if state != "not_found"
        }

    def ask(self, task: ModelTask, action: Query, expect: Expect, **more: str) -> Exchange:
        body = json.dumps({"req_key": task.request.req_key, "task_id": task.id, **more}).encode()
        return self.judged(Sent(body, task.request, query=action, headers=self.headers()), expect)

    def send(self, request: Request, action: Query, expect: Expect, asked: str = "") -> Exchange:
        return self.judged(self.session.compose(request, query=action, headers=self.headers(asked)), expect)

    def judged(self, sent: Sent, expect: Expect) -> Exchange:
        exchange = self.session.post(sent, expect)
        assert_conform([one for one in self.session.take_findings() if one.check != "reason_names_the_rule"])
        return exchange

    def headers(self, asked: str = "") -> tuple[tuple[str, str], ...]:
        of_fault = (("X-Volcv-Mock", asked),) if asked else ()
        return (JSON, ("X-Volcv-Mock-Scope", self.scope), *of_fault)

    def control(self, method: str, path: str, **body: Any) -> Any:
        headers = {"X-Volcv-Mock-Scope": self.scope}
        answer = self.target.client.request(method, f"/_mock/{path}", headers=headers, **body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None


def replace_key(task: ModelTask) -> ModelTask:
    """The same task, asked for as one of another req_key."""
    other = next(one for one in REQ_KEYS if one != task.request.req_key)
    return replace(task, request=_small(other, 1))


def _refused(code: int | None) -> Expect:
    return Expect(success=False, row=contract.rows_for_code(code)[0].id)


def _small(req_key: str, seed: Any) -> Request:
    plain = plain_request(req_key, seed=seed)
    return Request(req_key, plain.fields, (Photo(64, 64), Mask(64, 64))[: len(plain.pictures)])
