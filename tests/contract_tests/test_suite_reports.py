"""Recordings, drift, deviations, and the forms of the report."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import re
import sys
from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree as Xml

import pytest

from contract_tests.generate import plain_request
from contract_tests.model import SUCCESS, Answer, Exchange, Finding
from contract_tests.pictures import Photo, described, render
from contract_tests.report import deviations
from contract_tests.report.drift import DIAGNOSES, three_ways
from contract_tests.report.evidence import evidence
from contract_tests.report.junit import junit
from contract_tests.report.markdown import RunFacts, markdown
from contract_tests.report.overlay import proposal
from contract_tests.report.page import page
from contract_tests.report.score import Score, keep_score
from contract_tests.runner.output import write_lines
from contract_tests.runner.progress import Progress
from contract_tests.runner.session import Session
from contract_tests.runner.verdicts import Result
from contract_tests.targets import Target
from volcv_mock.recording.exchanges import Recorder, as_record
from volcv_mock.recording.redact import SecretFound, assert_clean, known_secrets

KEY = "sk-live-0123456789abcdef"
TODAY = dt.date(2026, 11, 20)
PICTURE = render(Photo())


def _answer(**members):
    document = {
        "code": 10000,
        "data": {"binary_data_base64": [], "image_urls": ["https://h/p.jpg?x-signature=abc"]},
        "message": "Success",
        "request_id": "x",
        "status": 10000,
        "time_elapsed": "1s",
        **members,
    }
    return Answer(200, (("Content-Type", "application/json"),), json.dumps(document).encode())


def _exchange(answer=None, secrets=(KEY,)):
    session = Session(Target("proxy", None, "/", frozenset({"paid"})), lambda data: "https://h/p")
    sent = session.compose(plain_request("i2i_inpainting", seed=7))
    return Exchange(
        sent,
        answer or _answer(),
        "proxy",
        frozenset({"paid"}),
        SUCCESS,
        PICTURE,
        200,
        "url",
        secrets,
        "CV-1",
        "2026-11-20T00:00:00+00:00",
    )


FINDING = Finding("http_status_matches", "HTTP 201", "S3-10000", "200 10000 Success", "CV-1")


def _result(verdict="drift", findings=(FINDING,), answer=None):
    return Result(
        "CV-1", verdict, tuple(findings), "", (("request", _exchange(answer)),), frozenset({"sentence S3-10000"})
    )


ODD_KEY = "/a+b?c/d~~~>>>???"


@pytest.mark.parametrize(
    "spell",
    [lambda key: key, lambda key: quote(key, safe=""), lambda key: quote(key, safe="").lower(),
     lambda key: base64.b64encode(key.encode()).decode(),
     lambda key: base64.urlsafe_b64encode(b"x" + key.encode()).decode()],
    ids=["plain", "in a URL", "in a URL, lower case", "in base64", "in URL-safe base64, shifted"],
)  # fmt: skip
def test_a_key_is_found_in_every_spelling(spell):
    with pytest.raises(SecretFound):
        assert_clean(f"before {spell(ODD_KEY)} after".encode(), [ODD_KEY], "a page")


def test_a_key_of_the_environment_may_start_with_a_slash_and_a_path_is_none(tmp_path):
    known = known_secrets({"VOLC_SECRETKEY": "/0aZ+kk29ssLwQ==", "SSH_KEY_FILE": str(tmp_path)})

    assert known == ("/0aZ+kk29ssLwQ==",)


def test_a_recording_keeps_facts_and_not_pictures():
    blobs = {}
    record = as_record(_exchange(), blobs, described)

    assert record["request"]["body"]["binary_data_base64"][0]["size"] == [96, 96]
    assert record["request"]["body"]["req_key"] == "i2i_inpainting"
    assert "x-signature=***" in record["answer"]["body"]["$json"]
    assert len(json.dumps(record)) < 4000
    assert len(blobs) == 3


def test_a_credential_anywhere_stops_the_save(tmp_path):
    with pytest.raises(SecretFound) as stopped:
        Recorder(tmp_path)(_exchange(_answer(message=f"bad key {KEY}")))

    assert KEY not in str(stopped.value)
    assert not list(tmp_path.rglob("*.json"))


def test_a_secret_of_the_environment_stops_the_save_too(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "hunter2hunter2")

    with pytest.raises(SecretFound):
        Recorder(tmp_path)(_exchange(_answer(message="hunter2hunter2")))


@pytest.mark.parametrize(
    ("live", "mock", "diagnosis"),
    [
        (_result("conform", ()), _result("conform", ()), None),
        (_result("conform", ()), _result("conform", (), _answer(code="10000")), DIAGNOSES[True, False]),
        (_result(), _result(), DIAGNOSES[False, True]),
        (_result(), _result(answer=_answer(status="10000")), DIAGNOSES[False, False]),
    ],
    ids=["no drift", "the mock is wrong", "the documents drifted", "the provider changed"],
)
def test_three_observers_show_who_is_wrong(live, mock, diagnosis):
    found = [drift.diagnosis for drift in three_ways([live], {"CV-1": mock}, {})]

    assert found == ([diagnosis] if diagnosis else [])


def test_a_change_since_last_night_is_told():
    from contract_tests.report.drift import shapes

    last = shapes([_result("conform", (), _answer(extra=1))])
    drift = three_ways([_result("conform", ())], {}, last)

    assert [str(one) for one in drift[0].against_last] == ["$.extra: absent against present"]


def _file(tmp_path, **changes):
    entry = {
        "check": "http_status_matches",
        "case": "CV-*",
        "target": "proxy",
        "reason": "their front says 201",
        "evidence": "CV-1-abc.json",
        "expires": "2026-12-31",
        **changes,
    }
    path = tmp_path / "deviations.json"
    path.write_text(json.dumps({"deviations": [entry]}))
    return path


def test_an_accepted_deviation_is_no_drift_until_it_expires(tmp_path):
    known = deviations.read(_file(tmp_path))

    assert deviations.apply([_result()], known, "proxy", TODAY)[0].verdict == "conform"
    assert deviations.apply([_result()], known, "proxy", dt.date(2027, 1, 1))[0].verdict == "drift"
    assert deviations.expired(known, dt.date(2027, 1, 1))


def test_a_file_of_deviations_may_begin_with_a_byte_order_mark(tmp_path):
    """Editors on Windows write one."""
    path = _file(tmp_path)
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")

    assert len(deviations.read(path)) == 1


@pytest.mark.parametrize("lacking", ["reason", "evidence", "expires"])
def test_a_deviation_without_its_papers_is_refused(tmp_path, lacking):
    with pytest.raises(deviations.BadDeviation, match=lacking):
        deviations.read(_file(tmp_path, **{lacking: ""}))


def test_the_overlay_proposes_with_evidence_and_changes_nothing():
    patches = proposal([_result(answer=_answer())])["patches"]

    assert patches[0]["at"].endswith("http_status")
    assert patches[0]["grade"] == "seen"
    assert patches[0]["evidence"]["case"] == "CV-1"


def test_every_form_of_the_report_names_the_drift_and_the_documents_own_words():
    drifts = three_ways([_result()], {"CV-1": _result()}, {})
    text = markdown([_result()], drifts, Score(0.9, 0.8, (0.7,)), "proxy")

    assert "drift" in text
    assert "200 10000 Success 成功" in text
    failure = Xml.fromstring(junit([_result()], "proxy")).find(".//testcase[@name='CV-1']/failure")
    assert failure.get("message") == "HTTP 201"
    assert 'src="data:image/jpeg;base64,' in page([_result()], Score(0.9, 0.8), "proxy")


def test_the_page_opens_drift_collapses_what_conforms_and_can_be_filtered():
    conforming = replace(_result("conform", ()), case_id="CV-2", operations=frozenset({"i2i_outpainting"}))

    text = page([conforming, _result()], Score(0.9, 0.8, (0.7, 0.75)), "proxy")

    drift, conform = (re.search(rf"<details[^>]* id=\"{name}\"[^>]*>", text)[0] for name in ("CV-1", "CV-2"))
    assert drift.endswith(" open>")
    assert not conform.endswith(" open>")
    assert 'data-operations="i2i_inpainting i2i_outpainting"' in conform
    assert text.index(drift) < text.index(conform)
    assert all(f'value="{verdict}" checked' in text for verdict in ("drift", "inconclusive", "conform"))
    assert "70% → 75% → 80%" in text


def test_the_page_shows_the_documents_words_and_what_was_expected_beside_what_was_found():
    text = page([_result()], Score(0.9, 0.8), "proxy")

    cells = re.findall(r"<td>(.*?)</td>", text[text.index("<th>found</th><th>expected</th>") :])
    assert cells[:2] == ["HTTP 201", "200 10000 Success"]
    assert "200 10000 Success 成功" in cells[2]
    assert "expected: success (HTTP 200, code 10000)" in text


def test_the_page_has_each_picture_of_conforming_cases_once_and_no_link_to_elsewhere():
    cases = [replace(_result("conform", ()), case_id=f"CV-{number}") for number in range(5)]

    text = page(cases, Score(0.9, 0.8), "proxy")

    assert text.count("data:image/") == 3  # photo, mask, result
    assert not re.findall(r'(?:src|href)="(?!data:|#)', text)


def test_the_page_spells_values_as_json_and_pictures_in_words():
    text = page([_result(answer=_answer(message=None))], Score(0.9, 0.8), "proxy")

    assert not re.findall(r"\bNone\b|\bTrue\b|\bFalse\b|\w\(\d+x\d+, ", text)
    assert re.search(r"sent: photo, \d+x\d+, JPEG, RGB", text)


def test_a_text_of_the_target_cannot_become_markup():
    evil = "</script><img src=x onerror=alert(1)>"
    text = page([_result(findings=(replace(FINDING, text=evil),), answer=_answer(message=evil))], Score(0.9, 0.8), "p")

    assert evil not in text
    assert "<img src=x" not in text


def test_evidence_is_the_exchange_that_shows_the_finding():
    """A case compares several; only one of them has the wrong status."""
    wrong = replace(_exchange(_answer(status="10000")), case_id="CV-1", sent=replace(_exchange().sent, path="/other"))
    finding = replace(FINDING, check="status_equals_code", text='status is "10000", code is 10000')

    assert evidence(finding, [("first", _exchange()), ("second", wrong)]) == [wrong]
    assert len(evidence(replace(finding, check="a_relation"), [("first", _exchange()), ("second", wrong)])) == 2


def test_the_summary_says_what_the_index_lacks():
    facts = RunFacts("proxy", capabilities=frozenset({"paid"}))

    text = markdown([_result()], [], Score(0.9, 0.8), facts)

    assert "Index: the share that some case for this kind of target covers at all." in text
    assert re.search(r"No case for this kind of target covers: \d+ keywords", text)


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_bar_in_a_terminal_and_a_line_for_each_tenth_elsewhere():
    screen, log = Screen(), io.StringIO()

    for done in range(1, 41):
        Progress(screen)(done, 40, f"CV-{done}")
    tell = Progress(log)
    for done in range(1, 41):
        tell(done, 40, f"CV-{done}")

    assert "[###############...............] 20/40 CV-20" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")
    assert log.getvalue().splitlines() == [f"{done} of 40 cases" for done in range(4, 41, 4)]


def test_drift_is_red_in_a_terminal_unless_no_color_is_set(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", Screen())
    write_lines("drift  a check", "mock: 1 conform")
    assert sys.stdout.getvalue() == "\x1b[31mdrift  a check\x1b[0m\nmock: 1 conform\n"

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", Screen())
    write_lines("drift  a check")
    assert sys.stdout.getvalue() == "drift  a check\n"


def test_progress_that_cannot_be_written_ends_nothing():
    closed = io.StringIO()
    closed.close()

    Progress(closed)(1, 1, "CV-1")
    Progress(None)(1, 1, "CV-1")


def test_one_cause_that_contradicts_two_sentences_is_one_section():
    """What was not expected is said last: every other sentence says more about it."""
    unexpected = replace(FINDING, check="answers_as_expected", text="neither accepted nor refused")

    text = markdown([_result(findings=(unexpected, FINDING))], [], Score(0.9, 0.8), "proxy")

    assert [line for line in text.splitlines() if line.startswith("### ")] == ["### http_status_matches"]
    assert "- Also `answers_as_expected`: neither accepted nor refused" in text
    assert "- http_status_matches, answers_as_expected in CV-1" in text


def test_the_score_remembers_earlier_nights(tmp_path):
    history, capabilities = tmp_path / "history.jsonl", frozenset({"paid"})
    keep_score(history, "proxy", capabilities, "2026-11-20", [_result("conform", ())])
    again = keep_score(history, "proxy", capabilities, "2026-11-21", [])

    assert again.score > 0
    assert len(again.trend) == 1


@pytest.mark.parametrize("text", ["{nope", "[]", "{}"])
def test_a_file_of_deviations_that_is_none_is_told_and_is_no_drift(tmp_path, text):
    """A traceback ends with 1, which is the word for drift."""
    (tmp_path / "d.json").write_text(text, encoding="utf-8")

    with pytest.raises(deviations.BadDeviation, match="is no JSON of the form"):
        deviations.read(tmp_path / "d.json")
