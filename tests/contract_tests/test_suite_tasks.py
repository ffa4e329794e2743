"""Cases over tasks: what they cost, how they end, what replays them, and which lies about tasks they detect."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from contract_tests import contract
from contract_tests.billing.limits import Welcome
from contract_tests.mutants.base import Mutant
from contract_tests.mutants.kill import LIVE, target_of
from contract_tests.mutants.registry import BASELINE, by_name
from contract_tests.mutants.tasks import TASKS, step_of, waits
from contract_tests.mutants.transport import MutantTransport
from contract_tests.pictures.server import unpublished
from contract_tests.planning.plan import DEFAULT_BUDGET, paid_calls, plan_round
from contract_tests.planning.planned import live_cases, planned_cases
from contract_tests.properties.task_machine import Tasks
from contract_tests.report import write
from contract_tests.report.score import Score
from contract_tests.runner.runner import Runner
from contract_tests.runner.session import Session
from contract_tests.targets import open_target
from contract_tests.targets.mock import KEY
from tests.contract_tests.nights import refusal
from volcv_mock.recording.ledger import Ledger

CASES = {case.id: case for case in planned_cases() if case.id.startswith("TK")}
LIVE_IDS = [name for name, case in CASES.items() if case.is_live]
SHOWN = ("task: task_id rounded", "task: the states go back", "task: a picture before the end",
         "task: in the queue, whoever asks", "task: another seed than asked")  # fmt: skip
"""A few of the mutants; `make mutants` runs all."""


def _runner(mutant=BASELINE, mode="round", **how):
    return Runner(target_of(mutant, mode), unpublished, **how)


def _refusing(row_id):
    """Every submit is answered with this row of the code table."""
    row = contract.rows()[row_id]

    def answer(asked, reply, memory):
        if step_of(asked) != "submit":
            return reply
        if row.envelope == "service":
            return refusal(reply, row.http_status, row.code, row.message)
        error = {"CodeN": row.code, "Code": row.name, "Message": row.message}
        metadata = {"RequestId": reply.members["request_id"], "Error": error}
        return replace(reply, status=row.http_status, body=json.dumps({"ResponseMetadata": metadata}).encode())

    return Mutant("no tasks", (), answer=answer)


def test_a_submit_costs_one_call_and_its_polls_none(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl", DEFAULT_BUDGET)
    runner = _runner(Mutant("slow", (), answer=waits("in_queue", "generating")), ledger=ledger)

    result = runner.run_one(CASES["TK01-removal"])

    assert [exchange.step for _, exchange in result.exchanges] == ["submit", *["result"] * 4]
    assert (result.verdict, ledger.spent()) == ("conform", 1)


def test_several_cases_share_the_task_of_one_submit(tmp_path):
    cases = [CASES[f"{name}-removal"] for name in ("TK01", "TK02", "TK03", "TK09")]
    ledger = Ledger(tmp_path / "ledger.jsonl", DEFAULT_BUDGET)

    assert {one.verdict for one in _runner(ledger=ledger).run(cases)} == {"conform"}
    assert ledger.spent() == paid_calls(cases) == 2  # the submit, and the synchronous call of TK02


def test_no_night_of_a_round_costs_more_than_its_budget_with_the_tasks_in_it():
    nights = plan_round(live_cases(LIVE["proxy"]), DEFAULT_BUDGET)

    assert max(map(paid_calls, nights)) <= DEFAULT_BUDGET
    assert set(LIVE_IDS) <= {case.id for night in nights for case in night}


@pytest.mark.parametrize("row", ["InvalidActionOrVersion", "50204", "50400"])
def test_a_target_that_takes_no_tasks_is_accused_of_nothing(row):
    """That these req_keys can be submitted is known from client code only."""
    results = _runner(_refusing(row)).run([CASES[name] for name in LIVE_IDS])

    taken = [one for one in results if one.case_id[:4] not in ("TK04", "TK05")]
    assert {one.verdict for one in taken} == {"inconclusive"}
    assert not any(one.verdict == "drift" for one in results)
    assert not any(one.reason == "unwelcome" for one in results)


def test_a_key_that_is_refused_for_tasks_only_does_not_end_a_run():
    runner = _runner(_refusing("50400"), welcome=Welcome())

    runner.run([CASES[name] for name in LIVE_IDS[:6]])

    assert runner.welcome.in_a_row == 0


def test_a_task_that_takes_longer_than_anyone_waits_is_no_drift_on_a_paidtarget_of():
    """No document says how long a task may take; the mock says it."""
    slow = Mutant("slow", (), answer=waits(*["in_queue"] * 1000))

    assert _runner(slow).run_one(CASES["TK01-removal"]).reason == "the task was still in_queue after 8 polls"
    assert _runner(slow, "quick").run_one(CASES["TK01-removal"]).verdict == "drift"


def test_the_cases_over_tasks_are_replayed_with_the_same_verdicts(tmp_path):
    cases = [CASES[name] for name in ("TK01-removal", "TK02-removal", "TK03-seededit")]
    recorded = _runner(Mutant("slow", (), answer=waits("in_queue"))).run(cases)
    facts = {"target": "proxy", "capabilities": sorted(LIVE["proxy"]), "variant": 0}
    write.write(tmp_path, recorded, [], Score(1.0, 1.0), facts)

    replayed = Runner(open_target("replay", recordings=str(tmp_path)), unpublished).run(cases)

    assert [one.verdict for one in replayed] == [one.verdict for one in recorded] == ["conform"] * 3


@pytest.mark.parametrize("name", SHOWN)
def test_a_lie_about_tasks_is_detected_and_on_a_paid_target_only_what_is_known_is_held_against_it(name):
    mutant = by_name(name)
    case = CASES[next((one for one in mutant.caught_by if one in CASES), "TK01-removal")]

    for mode, is_held in (("quick", True), ("round", not mutant.only_warned)):
        result = _runner(mutant, mode).run_one(case)
        expected = [one for one in result.findings if one.check in mutant.caught_by]
        assert {one.severity for one in expected} == {"error" if is_held else "warn"}
        assert (result.verdict == "drift") is is_held


def test_most_lies_about_tasks_are_held_against_a_paidtarget_of():
    assert len(TASKS) >= 15
    assert sum(not one.only_warned for one in TASKS) > len(TASKS) / 2


def test_the_state_machine_detects_a_state_that_goes_back():
    client = httpx.Client(transport=MutantTransport(target_of(BASELINE, "quick").client._transport,
                                                    by_name("task: the states go back")),
                          base_url="http://127.0.0.1:8410")  # fmt: skip
    target = replace(target_of(BASELINE, "quick"), client=client)
    machine = type("Machine", (Tasks,), {"target": target, "session": Session(target)})

    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=settings(
            max_examples=10, stateful_step_count=10, derandomize=True, database=None, phases=[Phase.generate],
            deadline=None))  # fmt: skip


def test_no_credential_is_in_the_body_of_a_poll():
    result = _runner().run_one(CASES["TK01-removal"])

    assert all(KEY.encode() not in exchange.sent.body for _, exchange in result.exchanges)
