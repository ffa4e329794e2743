"""Recordings, drift, deviations, and the forms of the report."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree as Xml

import pytest

from contract_tests.generate import plain_request
from contract_tests.model import SUCCESS, Answer, Exchange, Finding
from contract_tests.pictures import Photo, described, render
from contract_tests.report import deviations
from contract_tests.report.drift import DIAGNOSES, three_ways
from contract_tests.report.junit import junit
from contract_tests.report.markdown import markdown
from contract_tests.report.overlay import proposal
from contract_tests.report.page import page
from contract_tests.report.score import Score, keep_score
from contract_tests.runner.session import Session
from contract_tests.runner.verdicts import Result
from contract_tests.targets import Target
from volcv_mock.recording.exchanges import Recorder, as_record, match_key
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


def test_two_requests_to_one_address_have_two_match_keys():
    session = Session(Target("proxy", None, "/", frozenset()))
    keys = {match_key(session.compose(plain_request("i2i_inpainting", seed=seed))) for seed in (1, 2)}

    assert len(keys) == 2


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
