"""What a night spends: the ledger, the budget, and that the plan counts the requests that are sent."""

from __future__ import annotations

import datetime as dt
import json
from itertools import count

import pytest

from contract_tests.mutants.base import on_picture
from contract_tests.mutants.benign.gateways import every_nth
from contract_tests.mutants.tasks import step_of
from contract_tests.planning.plan import DEFAULT_BUDGET, capabilities_of, described, plan_night, too_dear
from contract_tests.planning.planned import live_cases
from contract_tests.relations.polling import NEVER_SUBMITTED
from contract_tests.runner.runner import REFUSALS_PAID, Runner
from tests.contract_tests.nights import PAID, night, numbered_cases, proxy, refusal, summary, truthful
from volcv_mock.recording import ledger
from volcv_mock.recording.ledger import Ledger

pytestmark = pytest.mark.long

DAY = dt.date(2026, 11, 20)


def test_when_refusals_are_not_free_the_run_stops_spending_on_them_and_says_so(tmp_path):
    def answer(asked, reply, memory):
        return refusal(reply, 500, 50500, "Internal Error")

    ledger = Ledger(tmp_path / "ledger.jsonl", 100, lambda: DAY)
    results = Runner(proxy(answer), ledger=ledger).run(numbered_cases(20, free=True))

    assert ledger.spent() <= REFUSALS_PAID + 1
    assert results[-1].reason.startswith("refusals are not free here")


def test_wrong_credentials_that_are_not_refused_for_free_count_too(tmp_path):
    """They are sent first: without a limit an outage would leave nothing for what must succeed."""

    def answer(asked, reply, memory):
        return refusal(reply, 500, 50500, "Internal Error")

    wrong = [case for case in live_cases(capabilities_of("proxy")) if case.id.startswith(("CR-", "CV-GTW"))]
    ledger = Ledger(tmp_path / "ledger.jsonl", 100, lambda: DAY)
    results = Runner(proxy(answer), ledger=ledger).run(wrong)

    assert ledger.spent() <= REFUSALS_PAID + 1 < len(wrong)
    assert results[-1].reason.startswith("refusals are not free here")


def test_a_ledger_of_a_year_is_read_once(tmp_path):
    """Each call looks at the sum; reading the whole file each time would take longer than the calls."""
    path = tmp_path / "ledger.jsonl"
    row = {"date": "2025-11-20", "case": "C", "request": "d", "paid": 1, "outcome": "sent"}
    path.write_text("".join(json.dumps(row) + "\n" for _ in range(1000)), encoding="utf-8")
    ledger = Ledger(path, 10, lambda: DAY)
    ledger.spent()
    read_to = ledger._read_to

    ledger.take("C", "d")

    assert read_to == path.read_bytes().rindex(b"\n", 0, -1) + 1
    assert ledger.spent() == 1


def test_a_run_reads_the_ledger_of_a_year_once(monkeypatch, tmp_path):
    row = {"date": "2025-11-20", "case": "of last year", "request": "d", "paid": 1, "outcome": "sent"}
    (tmp_path / "ledger.jsonl").write_text(f"{json.dumps(row)}\n" * 100, encoding="utf-8")
    read = []
    true_row = ledger._row
    monkeypatch.setattr(ledger, "_row", lambda line, *place: read.append(line) or true_row(line, *place))

    night(monkeypatch, tmp_path, truthful)

    assert sum(b"of last year" in line for line in read) == 100


def test_a_missing_ledger_is_mentioned(monkeypatch, tmp_path):
    """What was spent earlier today, by a run with another ledger, is not known."""
    night(monkeypatch, tmp_path, truthful)

    assert "no ledger was found at" in summary(tmp_path)


def test_a_budget_too_small_for_a_relation_says_so_in_the_plan():
    lines = too_dear(live_cases(PAID), 4)

    assert "a budget of 4 is too small for" in lines[0]
    assert "MR08 (5)" in lines[0]
    assert too_dear(live_cases(PAID), DEFAULT_BUDGET) == []


def _arriving(monkeypatch, tmp_path, answer):
    """The requests of a night that reach a proxy, links and the polls of its tasks apart."""
    counted = []

    def counting(asked, reply, memory):
        is_poll = step_of(asked) == "result" and asked.members["task_id"] != NEVER_SUBMITTED
        counted.append("GET" if is_poll else asked.method)
        return answer(asked, reply, memory)

    night(monkeypatch, tmp_path, counting)
    return len(counted) - counted.count("GET")


def test_the_plan_counts_the_requests_that_a_night_sends(monkeypatch, tmp_path):
    planned = plan_night(live_cases(capabilities_of("proxy")), DEFAULT_BUDGET, DAY)

    sent = _arriving(monkeypatch, tmp_path, truthful)

    assert f"{planned.cost + planned.free_calls} requests, about " in described(planned, DEFAULT_BUDGET, 0)
    assert sent == planned.cost + planned.free_calls


def _broken(reply):
    return refusal(reply, 500, 50500, "Internal Error") if reply.is_answer_of_service else reply


UPSIDE_DOWN = on_picture(lambda asked, image: image.rotate(180))
REPEATED = {
    "an inner error in every third answer": every_nth(3, _broken),
    "no success": lambda asked, reply, memory: _broken(reply) if reply.is_success else reply,
    "every second answer upside down": lambda asked, reply, memory: (
        UPSIDE_DOWN(asked, reply, memory) if memory.setdefault("turn", count()).__next__() % 2 else reply),
}  # fmt: skip


@pytest.mark.parametrize("answer", REPEATED.values(), ids=REPEATED)
def test_repetitions_stay_within_what_the_plan_says(monkeypatch, tmp_path, answer):
    """What is inconclusive is sent twice, and a sentence of probability is asked up to three times."""
    planned = plan_night(live_cases(capabilities_of("proxy")), DEFAULT_BUDGET, DAY)

    sent = _arriving(monkeypatch, tmp_path, answer)

    paid_again, refused_again = DEFAULT_BUDGET - planned.cost, planned.free_repetitions
    assert f"up to {paid_again} paid calls and {refused_again} that" in described(planned, DEFAULT_BUDGET, 0)
    assert sent <= planned.cost + planned.free_calls + paid_again + refused_again
    assert Ledger(tmp_path / "ledger.jsonl", DEFAULT_BUDGET, lambda: DAY).spent() <= DEFAULT_BUDGET
