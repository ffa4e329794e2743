"""Wrong credentials, requests in flight together, links read again, and the plan that meets each kind."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from contract_tests.model import SUCCESS
from contract_tests.planning.cases import EVERY_NIGHT, run_case
from contract_tests.planning.plan import NEVER, age_of, ages_of, capabilities_of, described, plan_night
from contract_tests.planning.planned import live_cases, planned_cases
from contract_tests.runner.session import Session
from contract_tests.targets import open_target
from contract_tests.targets.mock import KEY

TODAY = dt.date(2026, 11, 20)
BY_ID = {case.id: case for case in planned_cases()}
PROBES = [case for case in planned_cases() if case.id.startswith("CR-")]


@pytest.fixture
def session():
    target = open_target("mock")
    yield Session(target)
    target.close()


@pytest.mark.parametrize("case", PROBES, ids=lambda case: case.id)
def test_a_wrong_credential_is_refused_before_inference(session, case):
    evidence = run_case(case, session)

    assert not evidence.findings
    assert evidence.exchanges["request"].answer.status in (400, 401, 403)


def test_no_probe_sends_the_credential_of_the_target(session):
    """Else a refusal would be no evidence."""
    for case in PROBES:
        sent = run_case(case, session).exchanges["request"].sent
        assert not sent.is_authorized
        assert f"Bearer {KEY}" not in dict(sent.headers).values()


@pytest.mark.parametrize("target", ["proxy", "official"])
def test_the_probes_of_an_endpoint_are_in_every_night_and_free(target):
    night = plan_night(live_cases(capabilities_of(target)), 24, TODAY)
    wanted = {case.id for case in PROBES if case.needs <= capabilities_of(target)}

    assert len(wanted) >= 6
    for cases in night.coming:
        assert {case.id for case in cases if case.tags & EVERY_NIGHT} == wanted
    assert all(BY_ID[name].cost() == 0 for name in wanted)


def test_requests_sent_together_are_checked_one_by_one(session):
    evidence = run_case(BY_ID["CC-crowd"], session)

    assert len(evidence.exchanges) == 14
    assert not evidence.findings


def test_a_link_is_read_again_when_its_clock_is_near_the_end(session):
    evidence = run_case(BY_ID["MR22-clock"], session)

    readings = [(when, status) for when, status, _ in evidence.exchanges["as a link"].later_pictures]
    assert readings[0] == ("after 23 hours", 200)
    assert readings[1][1] != 200
    assert not evidence.findings


def test_late_readings_come_last_in_their_night():
    night = plan_night(live_cases(capabilities_of("proxy")), 24, TODAY)

    late = [case.is_late for cases in [night.cases] for case in cases]
    assert late == sorted(late)


def test_a_night_takes_first_what_was_judged_longest_ago():
    cases = live_cases(capabilities_of("proxy"))
    judged_on = {f"relation {case.id}": TODAY.isoformat() for case in cases}
    judged_on["relation MR04"] = "2026-11-01"
    del judged_on["relation MR09"]

    ages = ages_of(judged_on, TODAY)
    night = plan_night(cases, 24, TODAY, ages)

    assert (age_of(BY_ID["MR04"], ages), age_of(BY_ID["MR09"], ages)) == (19, NEVER)
    assert {"MR04", "MR09"} <= {case.id for case in night.cases}


def test_every_night_after_the_other_judges_the_whole_round():
    """The history of each night orders the next, until nothing is left unjudged."""
    cases, judged_on = live_cases(capabilities_of("proxy")), {}
    nights = plan_night(cases, 24, TODAY).nights

    for day in range(nights + 1):
        date = TODAY + dt.timedelta(days=day)
        night = plan_night(cases, 24, date, ages_of(judged_on, date))
        assert night.cost <= 24
        judged_on |= {f"relation {case.id}": date.isoformat() for case in night.cases}

    assert {case.id for case in cases if case.cost()} == {
        case.id for case in cases if case.cost() and f"relation {case.id}" in judged_on
    }


def test_the_plan_says_in_how_many_nights_each_kind_is_met():
    night = plan_night(live_cases(capabilities_of("proxy")), 24, TODAY)

    text = described(night, 24, 0)

    for kind in ("links", "seeds", "watermarks", "prompts", "dials", "credentials", "requests at the same time"):
        assert f"  {kind}: " in text
    assert "  credentials: in every night" in text


@pytest.mark.parametrize("case", [case for case in planned_cases() if case.id.endswith("req_key-required")],
                         ids=lambda case: case.id)  # fmt: skip
def test_a_missing_req_key_is_missing_on_the_wire(session, case):
    sent = run_case(case, session).exchanges["request"].sent

    assert "req_key" not in json.loads(sent.body)


def test_every_planned_success_of_an_accepted_class_is_a_valid_request(session):
    """A class that the contract refuses would accuse every target."""
    for case in planned_cases():
        if case.id.startswith("AC-"):
            (ask,) = case.asks(0).values()
            assert ask.expect == SUCCESS
