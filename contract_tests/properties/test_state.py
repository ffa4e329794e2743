"""A state machine over the control API: rules, their counts, the journal and reset, against a reference model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .. import contract
from ..generate import plain_request
from ..model import SUCCESS, Expect, Request
from ..pictures import Mask, Photo
from ..runner.session import Session
from ..targets import Target
from .plugin import assert_conform, own_scopes
from .rule_model import ModelRule, RuleModel, stage_of

pytestmark = [pytest.mark.needs("control"), pytest.mark.generated]
CODES = (50411, 50412, 50413, 50429, 50430, 50500, 50501, 50511, 50512)
WRONG_TYPE = contract.row_for_rule("schema_type").code
REQ_KEYS = ("i2i_inpainting", "i2i_inpainting_edit", "byteedit_v2.0")
SCOPES = own_scopes("state")


class Control(RuleBasedStateMachine):
    """One scope of its own for each run, so that runs cannot disturb one another."""

    target: Target
    session: Session

    @initialize()
    def start(self) -> None:
        self.headers = {"X-Volcv-Mock-Scope": next(SCOPES)}
        self.model = RuleModel()

    @rule(code=st.sampled_from(CODES), skip=st.integers(0, 2), times=st.sampled_from([None, 1, 2]),
          req_key=st.sampled_from([None, *REQ_KEYS]))  # fmt: skip
    def add(self, code: int, skip: int, times: int | None, req_key: str | None) -> None:
        asked: dict[str, Any] = {"code": code, "skip": skip}
        asked |= {"times": times} if times else {}
        asked |= {"match": {"req_key": req_key}} if req_key else {}

        listed = self.control("POST", "faults", 201, json=asked)["faults"]

        self.model.rules.append(ModelRule(listed[0]["id"], code, stage_of(code), req_key, skip, times))

    @precondition(lambda self: self.model.rules)
    @rule(at=st.integers(0, 9))
    def remove(self, at: int) -> None:
        gone = self.model.rules.pop(at % len(self.model.rules))

        self.control("DELETE", f"faults/{gone.id}", 200)
        self.control("DELETE", f"faults/{gone.id}", 404)

    @rule(req_key=st.sampled_from(REQ_KEYS), seed=st.integers(1, 3))
    def call(self, req_key: str, seed: int) -> None:
        code = self.model.call(req_key)

        self.ask(_small(req_key, seed=seed), code)

    @rule()
    def a_refused_call_spends_no_later_rule(self) -> None:
        """Refused by its schema: only gateway rules, which come before, may fire."""
        self.model.calls += 1
        due = next((one for one in self.model._due("gateway", "i2i_inpainting") if one.fires()), None)

        self.ask(_small("i2i_inpainting", seed="seven"), due.code if due else WRONG_TYPE)

    @rule(seed=st.integers(1, 1000))
    def ghost_face_then_fallback_then_another_seed(self, seed: int) -> None:
        """201304 (S3): the client shows its fallback, tries again with another seed, and is served."""
        ghost = self.control("POST", "faults", 201, json={"fault": "ghost_face_top_level", "times": 1})["faults"][0]
        self.model.rules.append(ModelRule(ghost["id"], contract.GHOST_FACE, "model", times=1))

        for at in (seed, seed + 1):
            self.ask(_small("i2i_inpainting", seed=at), self.model.call("i2i_inpainting"))

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        before_s = self.control("GET", "clock", 200)["now_s"]

        assert self.control("POST", "clock/advance", 200, json={"seconds": seconds})["now_s"] >= before_s + seconds
        self.control("PUT", "clock", 200, json={"now_s": before_s})

    @rule()
    def bad_rules_change_nothing(self) -> None:
        bad: Any
        for bad in ({"cod": 50411}, {"code": 1}, {"code": 50411, "times": -1}, {"fault": "resett"}, []):
            self.control("POST", "faults", 400, json=bad)

    @rule()
    def clear(self) -> None:
        self.control("DELETE", "faults", 200)
        self.model.rules.clear()

    @rule()
    def reset(self) -> None:
        """As at the start: with the same mock seed the same ids come again, and that is wanted."""
        self.control("POST", "reset", 200)
        self.model.reset()
        self.session.seen_ids.clear()

    @invariant()
    def the_rules_are_listed_with_their_counts(self) -> None:
        listed = self.control("GET", "faults", 200)["faults"]
        assert [(one["id"], one["fired"]) for one in listed] == [(one.id, one.fired) for one in self.model.rules]

    @invariant()
    def the_journal_holds_every_call(self) -> None:
        assert len(self.control("GET", "calls?limit=500", 200)["calls"]) == self.model.calls

    def ask(self, request: Request, code: int | None) -> None:
        expect = SUCCESS if code is None else Expect(success=False, row=contract.rows_for_code(code)[0].id)
        if code == contract.GHOST_FACE:
            expect = Expect(success=False, row="201304_top_level")
        elif code == WRONG_TYPE:
            expect = Expect(success=False, row=contract.row_for_rule("schema_type").id, rule="schema_type")
        headers = (("Content-Type", "application/json"), *self.headers.items())
        self.session.ask(request, expect, headers=headers)
        assert_conform([one for one in self.session.take_findings() if one.check != "reason_names_the_rule"])

    def control(self, method: str, path: str, status: int, **body: Any) -> Any:
        answer = self.target.client.request(method, f"/_mock/{path}", headers=self.headers, **body)
        assert answer.status_code == status, f"{method} {path} {body}: {answer.status_code} {answer.text[:300]}"
        return answer.json()


def _small(req_key: str, **fields: Any) -> Request:
    plain = plain_request(req_key, **fields)
    pictures = (Photo(64, 64), Mask(64, 64))[: len(plain.pictures)]
    return Request(req_key, plain.fields, pictures)


def test_the_control_api_behaves_as_its_model(target: Target, session: Session) -> None:
    machine = type("Machine", (Control,), {"target": target, "session": session})
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=settings(max_examples=30, stateful_step_count=20))
