"""Paid runs: the plan, the budget, the manners, the verdicts. Nothing here talks to anyone."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections import Counter
from dataclasses import replace

import httpx
import pytest

from contract_tests.billing.limits import Pace, Unwelcome, Welcome
from contract_tests.generate import plain_request
from contract_tests.model import SUCCESS, Answer, Exchange, Expect, Finding, Sent
from contract_tests.planning.cases import Ask, Case
from contract_tests.planning.plan import (
    DEFAULT_BUDGET,
    RESERVE,
    capabilities_of,
    in_order,
    paid_calls,
    plan_night,
    plan_round,
)
from contract_tests.planning.planned import live_cases, planned_cases
from contract_tests.runner.runner import Runner
from contract_tests.runner.verdicts import Result, classify, most
from contract_tests.targets import Target
from tests.contract_tests.budget_worker import take_ten
from volcv_mock.recording.ledger import BudgetMissing, BudgetSpent, Ledger

DAY = dt.date(2026, 11, 20)
PAID = frozenset({"paid", "real_time"})
OPERATIONS = frozenset().union(*(case.operations() for case in live_cases(PAID)))


def _ledger(path, limit=3, day=DAY):
    return Ledger(path / "ledger.jsonl", limit, lambda: day)


def test_a_round_plans_every_live_case_and_no_night_costs_more_than_its_budget():
    """Only a case that keeps an operation in each night comes twice."""
    nights = plan_round(live_cases(PAID), 24)
    times = Counter(case.id for night in nights for case in night if case.cost())

    assert {case.id for night in nights for case in night} == {case.id for case in live_cases(PAID)}
    assert sum(count > 1 for count in times.values()) <= len(OPERATIONS)
    assert max(map(paid_calls, nights)) <= 24
    assert len(nights) <= 10


def test_each_night_asks_for_a_picture_of_each_operation():
    """An outage of one operation is seen in the night in which it happens."""
    nights = plan_round(live_cases(PAID), 24)

    assert [frozenset().union(*(case.operations() for case in night)) for night in nights] == [OPERATIONS] * len(nights)


@pytest.mark.parametrize("budget", [1, 2, 5, 10])
def test_a_small_budget_still_meets_every_case_that_fits(budget):
    """Repeating an operation's case never keeps another one from its turn."""
    cases = live_cases(PAID)
    room = budget - min(RESERVE, budget // 4)

    met = {case.id for night in plan_round(cases, budget) for case in night}

    assert met == {case.id for case in cases if case.cost() <= room}


def test_the_date_chooses_the_night_and_a_full_round_of_dates_runs_everything():
    nights = plan_night(live_cases(PAID), 24, DAY).nights
    dates = [DAY + dt.timedelta(days=number) for number in range(nights)]

    seen = {case.id for date in dates for case in plan_night(live_cases(PAID), 24, date).cases}

    assert seen == {case.id for case in live_cases(PAID)}


def test_the_same_date_gives_the_same_plan():
    assert plan_night(live_cases(PAID), 24, DAY) == plan_night(live_cases(PAID), 24, DAY)


def test_what_must_be_refused_is_sent_first():
    costs = [case.cost() > 0 for case in plan_night(live_cases(PAID), 24, DAY).cases]

    assert costs == sorted(costs)


@pytest.mark.parametrize("target", ["proxy", "official"])
def test_every_sentence_of_probability_has_room_to_be_asked_again(target):
    """One contradiction is no drift: without room for a second the night could not judge it."""
    cases = live_cases(capabilities_of(target))
    for night in plan_night(cases, DEFAULT_BUDGET, dt.date(2026, 11, 20)).coming:
        ordered = in_order(night)
        for number, case in enumerate(ordered, start=1):
            if case.is_probable:
                assert paid_calls(ordered[:number]) + case.cost() <= DEFAULT_BUDGET, case.id


def test_a_case_with_a_violation_or_a_refusal_is_never_planned_as_paid():
    assert all(case.cost() == 0 for case in planned_cases() if case.id.startswith("W-"))


def test_without_a_budget_nothing_starts(tmp_path):
    with pytest.raises(BudgetMissing, match="--budget"):
        _ledger(tmp_path, limit=0)


def test_the_budget_is_a_hard_stop_before_the_send(tmp_path):
    ledger = _ledger(tmp_path)
    for number in range(3):
        ledger.take(f"case-{number}", "digest")

    with pytest.raises(BudgetSpent, match="3 of 3"):
        ledger.take("one-too-many", "digest")


def test_the_budget_is_remembered_by_the_file_over_reruns_and_forgotten_the_next_day(tmp_path):
    _ledger(tmp_path).take("yesterday", "digest")

    assert _ledger(tmp_path).spent() == 1
    assert _ledger(tmp_path, day=DAY + dt.timedelta(days=1)).spent() == 0


def test_a_refusal_that_was_seen_gives_its_call_back(tmp_path):
    ledger = _ledger(tmp_path)
    ledger.take("case", "digest")
    ledger.give_back("case", "digest", "HTTP 400 code 50200")

    assert ledger.spent() == 0


def test_a_refusal_seen_after_midnight_returns_to_the_day_it_was_taken_from(tmp_path):
    """Booked on the new day, it would have enlarged that day's budget by one."""
    tomorrow = _ledger(tmp_path, day=DAY + dt.timedelta(days=1))

    taken_on = _ledger(tmp_path).take("case", "digest")
    tomorrow.give_back("case", "digest", "HTTP 400 code 50200", taken_on)

    assert (_ledger(tmp_path).spent(), tomorrow.spent()) == (0, 0)


@pytest.mark.parametrize("line", ['{"date": "2026-11', "[]", '{"date": "2026-11-20"}'])
def test_a_damaged_ledger_starts_nothing(tmp_path, line):
    """A line that cannot be read may have been a call."""
    (tmp_path / "ledger.jsonl").write_text(line + "\n", encoding="utf-8")

    with pytest.raises(BudgetMissing, match="line 1 of the ledger"):
        _ledger(tmp_path).take("case", "digest")


def test_workers_share_one_budget(tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        taken = pool.map(take_ten, [tmp_path] * 3)

    assert sum(taken) == 12


def test_requests_are_spaced_evenly():
    slept = []
    pace = Pace(2.0, now=lambda: 10.0, sleep=slept.append)

    for _ in range(3):
        pace.wait()

    assert slept == [0.5, 1.0]


def _exchange(status, code=None, expect=SUCCESS, algorithm=0):
    body = f'{{"code": {code or status}, "data": {{"algorithm_base_resp": {{"status_code": {algorithm}}}}}}}'.encode()
    return Exchange(Sent(b"{}"), Answer(status, (), body), "proxy", PAID, expect)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_burst_of_refusals_ends_the_run(status):
    welcome = Welcome()
    welcome.observe(_exchange(status))
    welcome.observe(_exchange(status))

    with pytest.raises(Unwelcome, match=str(status)):
        welcome.observe(_exchange(status))


def test_a_refused_key_is_no_verdict_on_what_else_should_have_been_refused():
    """A faulty mask answered with 401 says nothing about masks; three of them end the run."""
    mask = Expect(success=False, row="50215")
    welcome = Welcome()

    reason = "the credentials or the account were refused (HTTP 401)"
    assert classify([], [_exchange(401, expect=mask)]) == ("inconclusive", reason)
    welcome.observe(_exchange(401, expect=mask))
    welcome.observe(_exchange(401, expect=mask))
    with pytest.raises(Unwelcome):
        welcome.observe(_exchange(401, expect=mask))


FINDING = Finding("status_equals_code", "text", "S3-10000")


@pytest.mark.parametrize(
    ("exchange", "verdict"),
    [(_exchange(200, 10000), "drift"), (_exchange(429, 50429), "inconclusive"), (_exchange(503), "inconclusive"),
     (_exchange(400, 50411), "inconclusive"), (_exchange(200, 10000, algorithm=201304), "inconclusive")],
    ids=["a plain contradiction", "a rate limit", "a server error", "a risk code on a benign picture", "a ghost face"],
)  # fmt: skip
def test_only_what_speaks_of_the_contract_is_a_drift(exchange, verdict):
    assert classify([FINDING], [exchange])[0] == verdict


def test_a_probable_sentence_drifts_only_when_most_runs_contradict_it():
    assert most(["drift", "drift", "conform"]) == "drift"
    assert most(["drift", "conform"]) == "conform"


class Canned(Target):
    """Answers every request alike and counts."""

    def __init__(self, status=200, code=10000):
        super().__init__("canned", httpx.Client(trust_env=False), "/", PAID)
        self.sent, self.status, self.code = 0, status, code

    def send(self, sent):
        self.sent += 1
        return Answer(self.status, (), f'{{"code": {self.code}}}'.encode())


def _cases(count):
    return [Case(f"C{n}", "", "S3-10000", lambda variant, n=n: {"a": Ask(plain_request("i2i_inpainting", seed=n))})
            for n in range(1, count + 1)]  # fmt: skip


def test_after_a_burst_no_case_is_sent_even_when_each_is_run_by_itself():
    """So pytest runs them: one test per case, all with one runner."""
    target = Canned(status=401, code=0)
    runner = Runner(target)

    results = [runner.run_one(case) for case in _cases(6)]

    assert target.sent == 3
    assert results[-1].reason == "unwelcome"


def _probable(verdicts, room=True):
    """A case of probability whose attempts end as told, and what the runner made of them."""
    left = iter(verdicts)

    class Told(Runner):
        def _attempt(self, case, shared, run):
            verdict = next(left)
            findings = (replace(FINDING, is_probable=True),) if verdict == "drift" else ()
            return Result(case.id, verdict, findings)

        def _has_room(self, case):
            return room

    result = Told(Canned()).run_one(replace(_cases(1)[0], is_probable=True))
    return result.verdict, len(list(left))


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [(["drift", "drift", "spare"], ("drift", 1)), (["drift", "conform", "drift"], ("drift", 0)),
     (["drift", "conform", "conform"], ("conform", 0)), (["conform", "spare"], ("conform", 1))],
    ids=["twice at once", "two of three", "one of three", "never"],
)  # fmt: skip
def test_two_of_three_decide_a_probable_sentence_and_no_call_more_is_made(verdicts, expected):
    assert _probable(verdicts) == expected


def test_one_contradiction_of_a_probable_sentence_is_no_drift_when_there_is_no_room_to_repeat():
    assert _probable(["drift"], room=False) == ("inconclusive", 0)


def test_a_spent_budget_ends_a_run_and_the_rest_is_inconclusive(tmp_path):
    target = Canned()

    results = Runner(target, ledger=_ledger(tmp_path)).run(_cases(5))

    assert target.sent == 3
    assert [result.reason for result in results][-2:] == ["budget", "budget"]
