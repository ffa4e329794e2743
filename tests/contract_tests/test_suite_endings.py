"""However a run ends: its exit code, the first line of summary.md and results.json say the same, and nothing of last
night stands in for it."""

from __future__ import annotations

import datetime as dt
import errno
import json
import signal
from dataclasses import replace

import pytest

from contract_tests.planning.planned import planned_cases
from contract_tests.report import folder, not_judged, write
from contract_tests.report.history import LOCK, only_one, rows_of
from contract_tests.runner import drawn, preflight, run, start
from contract_tests.runner.stopping import Stopped
from tests.contract_tests.nights import night, refusal, summary, truthful

pytestmark = pytest.mark.long

CASES = ("CR-key-none", "W-REM-seed-type", "CV-REM-001", "MR13-removal")
LAST_NIGHT = "of last night"
WORDS = {0: "conform", 1: "drift", 2: "could not judge"}


@pytest.fixture
def tonight(monkeypatch, tmp_path):
    """Ends a short night with a report folder of last night in a given way; gives the exit code."""
    chosen = tuple(case for case in planned_cases() if case.id in CASES)
    assert len(chosen) == len(CASES)
    monkeypatch.setattr(run, "live_cases", lambda capabilities: chosen)
    for name in ("summary.md", "report.html", "junit.xml"):
        (tmp_path / name).write_text(f"{LAST_NIGHT}: conform", encoding="utf-8")
    results = {"verdict": "conform", "results": [{"case": "C", "verdict": "conform", "reason": LAST_NIGHT}]}
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    return lambda answer=truthful, *options, **date: night(monkeypatch, tmp_path, answer, *options, **date)


def _assert_says(path, code, *texts):
    """Heading, results and exit code agree, and no file speaks of last night."""
    page, results = summary(path), json.loads((path / "results.json").read_text("utf-8"))
    assert f": {WORDS[code]}; " in page.splitlines()[0]
    assert (results["verdict"], results["exit_code"]) == (WORDS[code], code)
    assert [text for text in texts if text not in page] == []
    for name in ("summary.md", "report.html", "junit.xml", "results.json"):
        assert LAST_NIGHT not in (path / name).read_text("utf-8")


def _links_are_busy(asked, reply, memory):
    return replace(reply, status=503, body=b"busy") if asked.method == "GET" else reply


def _success_is_201(asked, reply, memory):
    return replace(reply, status=201) if reply.is_success and asked.method == "POST" else reply


def _no_refusal_works(asked, reply, memory):
    return refusal(reply, 500, 50500, "Internal Error") if asked.method == "POST" and not reply.is_success else reply


ENDINGS = {
    "everything conforms": (truthful, 0, ()),
    "drift": (_success_is_201, 1, ("http_status_matches",)),
    "no link works": (_links_are_busy, 2, ("links: planned, and no case was judged",)),
    "no refusal works": (_no_refusal_works, 2, ("refusals: planned, and", "credentials: planned, and")),
}


@pytest.mark.parametrize(("answer", "code", "texts"), ENDINGS.values(), ids=ENDINGS)
def test_a_run_that_was_not_disturbed(tonight, tmp_path, answer, code, texts):
    assert tonight(answer, "--min-judged", "0.1") == code

    _assert_says(tmp_path, code, *texts)


def _before(monkeypatch, module, name, act):
    """Do `act` before a function of the run is called, once."""
    true, left = getattr(module, name), [act]

    def acting(*arguments, **options):
        if left:
            left.pop()()
        return true(*arguments, **options)

    monkeypatch.setattr(module, name, acting)


MOMENTS = {
    "before the folder is looked at": (preflight, "check"),
    "before the first case": (run, "_run"),
    "after the last case": (folder, "three_ways"),
    "while the report is written": (write, "proposal"),
    "while the verdict is written": (write, "junit"),
    "before the counts are printed": (folder, "prune"),
}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(("module", "function"), MOMENTS.values(), ids=MOMENTS)
def test_a_signal_at_any_moment_is_2_and_told(monkeypatch, tonight, tmp_path, module, function, name):
    _before(monkeypatch, module, function, lambda: signal.raise_signal(getattr(signal, name)))

    assert tonight() == 2

    _assert_says(tmp_path, 2, f"{name} was received")


def test_a_signal_in_the_middle_of_a_drift_stays_drift(monkeypatch, tonight, tmp_path):
    _before(monkeypatch, folder, "three_ways", lambda: signal.raise_signal(signal.SIGTERM))

    assert tonight(_success_is_201) == 1

    _assert_says(tmp_path, 1, "Too little was judged besides: SIGTERM was received")


def test_a_signal_before_anything_is_loaded_finds_the_folder_marked(monkeypatch, tonight, tmp_path):
    monkeypatch.setattr(run, "main", lambda argv, stop: _assert_says(tmp_path, 2, not_judged.NOT_ENDED) or 2)

    assert start.main(["--target", "proxy", "--report", str(tmp_path)]) == 2


@pytest.mark.parametrize("options", [("--plan",), ("--help",)])
def test_what_sends_nothing_leaves_last_nights_report(monkeypatch, tonight, tmp_path, options):
    monkeypatch.setattr(run, "main", lambda argv, stop: 0)

    start.main(["--target", "proxy", "--report", str(tmp_path), *options])

    assert LAST_NIGHT in summary(tmp_path)


def test_a_spent_time_limit_is_told_and_what_was_left_out_is_not_judged(tonight, tmp_path):
    assert tonight(truthful, "--time-limit", "0.000001") == 2

    _assert_says(tmp_path, 2, "of --time-limit have passed")


def _crash(*arguments):
    raise RuntimeError("unforeseen")


def _full(*arguments):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("module", "function"), [(run, "plan_night"), (folder, "three_ways"), (write, "page")])
def test_a_crash_is_2(monkeypatch, tonight, tmp_path, module, function):
    monkeypatch.setattr(module, function, _crash)

    assert tonight(_success_is_201) == 2

    _assert_says(tmp_path, 2, "RuntimeError: unforeseen")


@pytest.mark.parametrize("function", ["proposal", "har", "page"])
def test_a_disk_that_fills_up_while_the_report_is_written_is_2_and_the_terminal_has_what_was_judged(
    monkeypatch, tonight, tmp_path, capsys, function
):
    monkeypatch.setattr(write, function, _full)

    assert tonight(_success_is_201) == 2

    printed = capsys.readouterr().out
    assert "drift  success_is_http_200" in printed
    assert "could not judge: [Errno 28] No space left on device" in printed
    _assert_says(tmp_path, 2, "No space left on device")


def _never(asked, reply, memory):
    pytest.fail("nothing may be sent")


@pytest.mark.parametrize("name", ["summary.md", "results.json", "exchanges.har", "history.jsonl", "shapes.json"])
def test_a_folder_where_a_file_should_be_is_noticed_before_anything_is_sent(tonight, tmp_path, capsys, name):
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).mkdir()

    assert tonight(_never) == 2

    assert f"{name} is in the way" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["exchanges", "pictures"])
def test_a_file_where_a_folder_should_be_is_noticed_before_anything_is_sent(tonight, tmp_path, capsys, name):
    (tmp_path / name).write_text("", encoding="utf-8")

    assert tonight(_never) == 2

    assert "nothing can be written to" in capsys.readouterr().out


def test_a_disk_without_room_for_a_report_is_noticed_before_anything_is_sent(monkeypatch, tonight, tmp_path):
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda folder: (10**9, 10**9, 2**20))

    assert tonight(_never) == 2

    _assert_says(tmp_path, 2, "only 1 MB are free for")


def test_a_night_that_crosses_midnight_utc_is_one_night(monkeypatch, tonight, tmp_path):
    """Otherwise the next night would count as a second run of the same day."""
    days = iter([dt.date(2026, 11, 20), *[dt.date(2026, 11, 21)] * 50])
    monkeypatch.setattr(run, "today_utc", lambda: next(days))

    assert tonight(truthful, date="") == 0

    assert [row["date"] for row in rows_of(tmp_path / "history.jsonl")] == ["2026-11-20"]
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["date"] == "2026-11-20"


def test_two_runs_write_one_report_folder_one_after_the_other(tmp_path):
    fcntl = pytest.importorskip("fcntl")

    with only_one(tmp_path), (tmp_path / LOCK).open("ab") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _interrupt(*arguments):
    raise Stopped


OF_THE_DRAWN = {"conform": (lambda *_: 0, 0), "drift": (lambda *_: 1, 1), "undecided": (lambda *_: 2, 2),
                "interrupted": (_interrupt, 2)}  # fmt: skip


@pytest.mark.parametrize(("drawing", "code"), OF_THE_DRAWN.values(), ids=OF_THE_DRAWN)
def test_the_drawn_requests_count_like_a_case(monkeypatch, tonight, tmp_path, drawing, code):
    monkeypatch.setattr(run, "runnable", lambda target: (run.live_cases(target.capabilities), ()))
    monkeypatch.setattr(drawn, "run_drawn", drawing)

    assert run.main(["--target", "mock", "--report", str(tmp_path)]) == code

    _assert_says(tmp_path, code)
    assert "drawn requests" in (tmp_path / "junit.xml").read_text("utf-8")
