"""Operating a run: it starts only when it can end, and ends early with what was answered, never with 1 by accident."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import time
from itertools import count
from xml.etree import ElementTree as Xml

import pytest

from contract_tests.generate import plain_request
from contract_tests.model import SUCCESS
from contract_tests.mutants.base import on_picture
from contract_tests.mutants.benign.gateways import every_nth
from contract_tests.mutants.tasks import step_of
from contract_tests.planning.cases import Ask, Case, expect_row
from contract_tests.planning.plan import DEFAULT_BUDGET, capabilities_of, described, plan_night, too_dear
from contract_tests.planning.planned import live_cases
from contract_tests.relations.polling import NEVER_SUBMITTED
from contract_tests.report import folder
from contract_tests.report.history import Known, append, keep_recordings, rows_of
from contract_tests.report.markdown import LIMIT, shortened
from contract_tests.report.prune import prune
from contract_tests.runner import run
from contract_tests.runner.options import duration, positive
from contract_tests.runner.runner import REFUSALS_PAID, Runner
from contract_tests.runner.stopping import INTERRUPTED, TIME_LIMIT, Stop, Stopped
from tests.contract_tests.nights import PAID, night, proxy, refusal, summary, truthful
from volcv_mock.recording import ledger
from volcv_mock.recording.ledger import Ledger
from volcv_mock.recording.redact import known_secrets

pytestmark = pytest.mark.long

DAY = dt.date(2026, 11, 20)


def _never(asked, reply, memory):
    raise AssertionError("nothing may be sent")


def _stale(tmp_path):
    (tmp_path / "summary.md").write_text("# last night: conform\n", encoding="utf-8")


IMPOSSIBLE = ("--rps 0", "--rps -1", "--rps nan", "--time-limit soon", "--min-judged 2", "--keep-nights 0",
              "--budget -5")  # fmt: skip


@pytest.mark.parametrize("options", [options.split() for options in IMPOSSIBLE], ids=IMPOSSIBLE)
def test_an_option_that_cannot_be_is_2_and_last_nights_summary_does_not_stay(monkeypatch, tmp_path, options):
    _stale(tmp_path)

    with pytest.raises(SystemExit) as ended:
        night(monkeypatch, tmp_path, _never, *options)

    assert ended.value.code == 2
    assert "could not judge" in summary(tmp_path)


ROW = {"date": "2026-11-19", "target": "proxy", "score": 0.5}
DAMAGED = [
    ("history.jsonl", '{"date": "2026'), ("history.jsonl", "[]"), ("shapes.json", '{"CV'), ("ledger.jsonl", '{"date"'),
    ("shapes.json", '{"CV-REM-001/request": 5}'),
    *(("history.jsonl", json.dumps({**ROW, **wrong})) for wrong in (
        {"score": "half"}, {"date": "yesterday"}, {"known": []}, {"unjudged": {"o": "two"}},
        {"judged_on": {"o": "yesterday"}}, {"since": {"a_check": []}})),
]  # fmt: skip
"""Also what could be read before the run and not be used after it, when the calls are spent."""


@pytest.mark.parametrize(("name", "text"), DAMAGED)
def test_a_damaged_file_of_an_earlier_night_is_2_before_anything_is_sent(monkeypatch, tmp_path, capsys, name, text):
    _stale(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert night(monkeypatch, tmp_path, _never) == 2
    assert name in capsys.readouterr().out
    assert "could not judge" in summary(tmp_path).splitlines()[0]


def test_a_report_folder_that_cannot_be_written_is_2_before_anything_is_sent(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert night(monkeypatch, tmp_path / "file", _never) == 2


@pytest.mark.parametrize("address", ["http://[::1", "ftp://h", "h", "http://u:p@h", "http://h:99999"])
def test_an_address_that_is_none_is_2(tmp_path, monkeypatch, address):
    monkeypatch.setenv("VOLCV_API_KEY", "sk-0123456789abcdef")

    assert run.main(["--target", "proxy", "--base-url", address, "--budget", "3", "--report", str(tmp_path)]) == 2


def test_a_key_that_is_not_ascii_is_2(tmp_path, monkeypatch):
    monkeypatch.setenv("VOLCV_API_KEY", "sk-schlüssel-0123")
    address = ["--target", "proxy", "--base-url", "http://127.0.0.1:9"]

    assert run.main([*address, "--budget", "3", "--report", str(tmp_path)]) == 2


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

    results = Runner(target, stop=stop).run(_cases(40))

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


def _cases(count, free=False):
    expect = expect_row("schema_type") if free else SUCCESS
    fields = {"seed": "seven"} if free else {}

    def asks(number):
        request = plain_request("i2i_inpainting", **{"seed": number, **fields, "steps": number})
        return lambda variant: {"a": Ask(request, expect)}

    return [Case(f"C{number}", "", "S3-10000", asks(number)) for number in range(1, count + 1)]


def test_when_refusals_are_not_free_the_run_stops_spending_on_them_and_says_so(tmp_path):
    def answer(asked, reply, memory):
        return refusal(reply, 500, 50500, "Internal Error")

    ledger = Ledger(tmp_path / "ledger.jsonl", 100, lambda: DAY)
    results = Runner(proxy(answer), ledger=ledger).run(_cases(20, free=True))

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


WORDS = {
    "KEYBOARD_HINT": "application/json",
    "TOKENIZER_NAME": "sentencepiece",
    "KEY_ORDER": "alphabetical-descending",
    "SECRET_SANTA": "2026-12-24",
}


@pytest.mark.parametrize(("name", "value"), WORDS.items())
def test_an_ordinary_word_is_no_secret_whatever_its_variable_is_called(name, value):
    assert known_secrets({name: value}) == ()


@pytest.mark.parametrize("value", ["hunter2hunter2", "sk-live-0123456789abcdef", "/0aZ+kk29ssLwQ==", "QwErTyUiOpAsDf"])
def test_a_value_that_is_long_and_random_is_a_secret(value):
    assert known_secrets({"SOME_TOKEN": value}) == (value,)


def test_the_projects_own_variables_are_secret_whatever_they_hold():
    assert known_secrets({"VOLCV_API_KEY": "swordfish"}) == ("swordfish",)


def test_the_report_folder_prunes_what_older_nights_recorded(tmp_path):
    history = tmp_path / "history.jsonl"
    for name in ("exchanges", "pictures"):
        (tmp_path / name).mkdir()
    for day in (1, 2, 3):
        name, digest = f"C-{day:016x}.json", f"{day:064x}"
        (tmp_path / "exchanges" / name).write_text(f'"sha256:{digest}"', encoding="utf-8")
        (tmp_path / "pictures" / digest).write_bytes(b"picture")
        (tmp_path / "exchanges" / "mine.txt").write_text("kept", encoding="utf-8")
        append(history, {"date": f"2026-11-0{day}", "target": "proxy", "score": 1.0}, Known())
        prune(tmp_path, keep_recordings(history, "proxy", [name], 2))

    assert sorted(path.name for path in (tmp_path / "exchanges").iterdir()) == [
        f"C-{2:016x}.json", f"C-{3:016x}.json", "mine.txt"]  # fmt: skip
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    assert len(rows_of(history)) == 3


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


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("45m", 2700), ("1h", 3600), ("0.5h", 1800)])
def test_a_duration_is_a_number_with_or_without_a_unit(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "", "x"])
def test_a_rate_is_above_0(text):
    with pytest.raises(argparse.ArgumentTypeError):
        positive(text)


def test_the_summary_stays_below_its_limit_and_says_that_it_was_shortened():
    text = shortened("a line of the report\n" * 10_000)

    assert len(text) <= LIMIT
    assert text.endswith("(shortened; results.json has everything)\n")


def test_junit_skips_what_is_inconclusive_with_its_reason(monkeypatch, tmp_path):
    night(monkeypatch, tmp_path, lambda asked, reply, memory:
          refusal(reply, 500, 50500, "Internal Error") if reply.is_success else reply)  # fmt: skip

    suite = Xml.fromstring((tmp_path / "junit.xml").read_text("utf-8"))
    assert suite.findall(".//failure") == []
    assert "inconclusive: HTTP 500" in {one.get("message") for one in suite.findall(".//skipped")}
