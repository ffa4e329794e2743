"""Operating a run: it starts only when it can end, and ends early with what was answered, never with 1 by accident."""

from __future__ import annotations

import argparse
import json
from xml.etree import ElementTree as Xml

import pytest

from contract_tests.report.history import Known, append, keep_recordings, rows_of
from contract_tests.report.markdown import LIMIT, shortened
from contract_tests.report.prune import prune
from contract_tests.runner import run
from contract_tests.runner.options import duration, positive
from tests.contract_tests.nights import night, refusal, summary
from volcv_mock.recording.redact import known_secrets

pytestmark = pytest.mark.long


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
