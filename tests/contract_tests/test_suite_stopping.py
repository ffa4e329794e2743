"""How a run ends before its last case: by a signal or its time limit, with the report of what was answered."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from contract_tests.report import folder
from contract_tests.runner.runner import Runner
from contract_tests.runner.stopping import INTERRUPTED, TIME_LIMIT, Stop, Stopped
from tests.contract_tests.nights import night, numbered_cases, proxy, summary, truthful

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_run_and_the_report_has_what_was_answered(monkeypatch, tmp_path, name):
    before = signal.getsignal(getattr(signal, name))

    def answer(asked, reply, memory):
        memory["count"] = memory.get("count", 0) + 1
        if memory["count"] == 30:
            os.kill(os.getpid(), getattr(signal, name))
        return reply

    assert night(monkeypatch, tmp_path, answer) == 2

    verdicts = [row["verdict"] for row in json.loads((tmp_path / "results.json").read_text("utf-8"))["results"]]
    assert verdicts.count("conform") > 20
    assert f"{name} was received" in summary(tmp_path)
    assert signal.getsignal(getattr(signal, name)) == before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_after_the_last_case_does_not_cost_the_report(monkeypatch, tmp_path, name):
    """While results are compared and written, also when it is sent twice, as timeout(1) does."""
    compare = folder.three_ways

    def interrupted(*given):
        for _ in range(2):
            signal.raise_signal(getattr(signal, name))
        return compare(*given)

    monkeypatch.setattr(folder, "three_ways", interrupted)

    assert night(monkeypatch, tmp_path, truthful) == 2

    results = json.loads((tmp_path / "results.json").read_text("utf-8"))["results"]
    assert {row["verdict"] for row in results} == {"conform"}
    assert "judged nothing" not in summary(tmp_path)


def test_a_second_signal_a_second_later_ends_the_process(monkeypatch):
    ended = []
    clock = iter([0.0, 0.0, 0.5, 1.5])
    stop = Stop(now=lambda: next(clock))

    with stop.listening():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        monkeypatch.setattr(signal, "raise_signal", ended.append)
        stop._on_signal(signal.SIGTERM, None)

    assert ended == [signal.SIGTERM]
    assert stop.text == "SIGTERM was received"


def test_a_signal_between_requests_waits_until_the_ledger_line_is_whole():
    stop = Stop()
    stop.request(INTERRUPTED, "SIGINT was received")

    with pytest.raises(Stopped), stop.waiting():
        pytest.fail("nothing is sent any more")


def test_the_time_limit_ends_a_run_with_what_was_judged():
    """Each answer takes ten minutes by the clock of the test."""
    clock = iter(range(0, 100_000, 600))
    stop = Stop(45 * 60.0, now=lambda: float(next(clock)))
    target = proxy(truthful)

    results = Runner(target, stop=stop).run(numbered_cases(40))

    assert results[0].verdict == "conform"
    assert results[-1].reason == TIME_LIMIT
    assert stop.reason == TIME_LIMIT


def test_an_answer_that_drips_is_ended_by_the_alarm_of_the_time_limit():
    """A target that sends one byte now and then never meets a read timeout."""
    stop = Stop(0.05)

    with stop.limited(), pytest.raises(Stopped):
        _wait_for_ever(stop)

    assert stop.reason == TIME_LIMIT


def _wait_for_ever(stop):
    with stop.waiting():
        while True:
            time.monotonic()
