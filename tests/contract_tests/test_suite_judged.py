"""A run is green only by what it judged: too little judged is exit 2, and drift stays 1."""

from __future__ import annotations

import argparse
import datetime as dt

import pytest

from contract_tests.model import Answer, Exchange, Finding, Sent
from contract_tests.planning.parts import parts_of
from contract_tests.planning.plan import DEFAULT_BUDGET, PAID, plan_night
from contract_tests.planning.planned import live_cases
from contract_tests.report.history import Known, append, known
from contract_tests.runner.judged import judged
from contract_tests.runner.options import share
from contract_tests.runner.verdict_of_run import conclude
from contract_tests.runner.verdicts import Result
from tests.contract_tests.nights import DATE, night, refusal, summary, truthful

pytestmark = pytest.mark.long

FACTS = {"target": "proxy", "remarks": []}


def _result(name, verdict="conform", operation="i2i_inpainting", success=True):
    operations = frozenset({operation})
    findings = (Finding("a_check", "text", "S3-10000"),) if verdict == "drift" else ()
    return Result(name, verdict, findings, "HTTP 500" if verdict == "inconclusive" else "",
                  obligations=frozenset({f"obligation {name}"}), operations=operations,
                  successes=operations if success else frozenset())  # fmt: skip


def _down(status, code, message):
    """Every call that reaches inference is answered so; refusals are true."""
    return lambda asked, reply, memory: refusal(reply, status, code, message) if reply.is_success else reply


def _planned_operations():
    night = plan_night(live_cases(PAID), DEFAULT_BUDGET, dt.date.fromisoformat(DATE))
    return sorted(frozenset().union(*(case.operations() for case in night.cases)))


@pytest.mark.parametrize(
    "answer",
    [_down(500, 50500, "Internal Error"), _down(502, 50500, "Internal Error"),
     _down(400, 50411, "Pre Img Risk Not Pass"), _down(400, 201304, "AI Ghost Face")],
    ids=["50500", "HTTP 502", "a risk code", "201304"],
)  # fmt: skip
def test_a_night_in_which_no_paid_call_succeeds_could_not_judge(monkeypatch, tmp_path, capsys, answer):
    assert night(monkeypatch, tmp_path, answer) == 2

    printed = capsys.readouterr().out
    for name in _planned_operations():
        assert f"could not judge: {name} was planned, and no success of it was judged" in printed
    assert "could not judge" in summary(tmp_path).splitlines()[0]


def test_a_night_that_judges_everything_is_green_and_says_how_much_it_judged(monkeypatch, tmp_path):
    assert night(monkeypatch, tmp_path, truthful) == 0

    first = summary(tmp_path).splitlines()[0]
    assert "conform; judged" in first
    assert first.endswith("none unjudged")
    assert [name for name in _planned_operations() if f"{name} " not in first] == []


def test_the_first_line_counts_the_nights_in_a_row_that_an_obligation_went_unjudged(monkeypatch, tmp_path):
    for date in ("2026-11-20", "2026-11-20", "2026-11-21"):
        night(monkeypatch, tmp_path, _down(500, 50500, "Internal Error"), date=date)

    assert "for up to 2 nights in a row" in summary(tmp_path).splitlines()[0]


def test_an_operation_without_a_judged_success_is_named():
    results = [_result("A"), _result("B", "inconclusive", "i2i_outpainting"), *(_result(f"C{n}") for n in range(8))]

    found = judged(results)

    assert found.without_success == ("i2i_outpainting",)
    assert conclude(FACTS, results) == 2


@pytest.mark.parametrize(("minimum", "code"), [(0.6, 2), (0.5, 0), (0.0, 0)])
def test_a_smaller_share_than_stated_is_too_little(minimum, code, capsys):
    results = [_result("A"), _result("B", "inconclusive")]

    assert conclude({**FACTS, "min_judged": minimum}, results) == code
    assert ("not judged: obligation B" in capsys.readouterr().out) is (code == 2)


def test_drift_stays_drift_when_too_little_was_judged():
    assert conclude(FACTS, [_result("A", "drift"), *(_result(f"B{n}", "inconclusive") for n in range(9))]) == 1


def test_an_obligation_is_judged_when_one_of_its_cases_is():
    both = frozenset({"shared"})
    results = [Result("A", "inconclusive", obligations=both), Result("B", "conform", obligations=both)]

    assert judged(results).total.share == 1


def test_a_judged_obligation_is_counted_anew_and_one_that_was_not_planned_keeps_its_count():
    first = Known().after([_result("A", "inconclusive"), _result("B", "inconclusive")], "2026-11-20")
    second = first.after([_result("A"), _result("C", "inconclusive")], "2026-11-21")

    assert second.unjudged == {"obligation B": 1, "obligation C": 1}
    assert second.judged_on == {"obligation A": "2026-11-21"}


def test_only_the_last_row_of_a_target_carries_what_is_known(tmp_path):
    """A year of rows with all obligations would take seconds to read."""
    path = tmp_path / "history.jsonl"
    for day in range(1, 4):
        append(path, {"date": f"2026-11-0{day}", "target": "proxy", "score": 0.5}, Known({"o": "conform"}))

    lines = path.read_text(encoding="utf-8").splitlines()
    assert [("known" in line) for line in lines] == [False, False, True]
    assert known(path, "proxy").scores == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("text", ["-0.1", "1.1", "nan", "half", ""])
def test_a_share_lies_between_0_and_1(text):
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 1"):
        share(text)


def _of_kind(name, part, verdict="inconclusive", exchanges=()):
    return Result(name, verdict, reason="HTTP 500", exchanges=exchanges, obligations=frozenset({name}),
                  parts=frozenset({part}))  # fmt: skip


ENOUGH = tuple(_of_kind(f"C{number}", ("seeds", ""), "conform") for number in range(9))


def test_a_kind_of_which_nothing_was_judged_is_named_whatever_the_share():
    results = [*ENOUGH, _of_kind("L", ("links", "")), _of_kind("M", ("links", "i2i_outpainting"))]

    assert judged(results).lacking(0) == ["links: planned, and no case was judged"]
    assert conclude(FACTS, results) == 2


def test_a_kind_that_failed_for_some_operations_names_them():
    of_one = _of_kind("R", ("refusals", ""), "conform"), _of_kind("R", ("refusals", "i2i_inpainting"), "conform")
    failed = [_of_kind("S", ("refusals", name)) for name in ("i2i_outpainting", "byteedit_v2.0")]

    lacking = judged([*ENOUGH, *of_one, *failed]).lacking(0)

    assert lacking == ["refusals of byteedit_v2.0, i2i_outpainting: planned, and no case was judged"]


@pytest.mark.parametrize(("status", "code"), [(404, 0), (429, 0), (500, 2)])
def test_a_target_may_decline_tasks_and_may_not_fail_at_them(status, code):
    """That the req_keys of S0 to S3 can be submitted is known from client code only."""
    answered = Exchange(Sent(b""), Answer(status, (), b"{}"), "proxy", PAID)

    assert conclude(FACTS, [*ENOUGH, _of_kind("T", ("tasks", ""), exchanges=(("submit", answered),))]) == code


def test_every_case_that_may_be_planned_has_a_part_and_a_refused_picture_is_no_accepted_one():
    parts = {case.id: parts_of(case) for case in live_cases(PAID)}

    assert [name for name, some in parts.items() if not some] == []
    assert ("links", "i2i_inpainting") in parts["MR13-removal"]
    assert parts["W-REM-seed-type"] == {("refusals", ""), ("refusals", "i2i_inpainting")}
    refused_picture = next(some for name, some in parts.items() if name.startswith("P-") and ("refusals", "") in some)
    assert ("accepted classes", "") not in refused_picture
