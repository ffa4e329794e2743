"""A target that refuses the key, has another path or is another service says nothing of conformance: exit 2, no drift.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contract_tests.calibration import run as calibrate
from contract_tests.planning.planned import planned_cases
from contract_tests.runner import run
from contract_tests.targets import open_target
from contract_tests.targets.mock import KEY
from tests.contract_tests.nights import night, summary, truthful
from volcv_mock import VolcvMock

STRICT = "sk-strict-0123456789"
CASES = ("CR-key-none", "CV-KEY-001", "W-REM-seed-type", "CV-REM-001", "CV-EDT-001")
HTML = b"<html><head><title>404 Not Found</title></head></html>"
OF_RESELLER = json.dumps({"error": {"message": "Invalid URL", "type": "new_api_error", "code": ""}}).encode()
REFUSALS = {
    "the key": (401, "application/json", OF_RESELLER, "refuses the key (HTTP 401)"),
    "the account": (403, "application/json", OF_RESELLER, "refuses the key (HTTP 403)"),
    "the path": (404, "application/json", OF_RESELLER, "no CVProcess at this path (HTTP 404)"),
    "the path, as a page": (404, "text/html", HTML, "is no CVProcess: HTTP 404, text/html, Server unnamed, '<html>"),
    "the path, by a framework": (404, "application/json", b'{"detail":"Not Found"}', "is no CVProcess: HTTP 404"),
    "everything, as a page with HTTP 200": (200, "text/html", HTML, "is no CVProcess: HTTP 200, text/html"),
}


@pytest.fixture(autouse=True)
def _a_short_night_without_keys(monkeypatch):
    chosen = tuple(case for case in planned_cases() if case.id in CASES)
    monkeypatch.setattr(run, "live_cases", lambda capabilities: chosen)
    for name in ("VOLCV_API_KEY", "VOLC_ACCESSKEY", "VOLC_SECRETKEY"):
        monkeypatch.delenv(name, raising=False)


def _always(status, media_type, body):
    headers = (("Content-Type", media_type),)
    return lambda asked, reply, memory: replace(reply, status=status, headers=headers, body=body)


@pytest.mark.parametrize(("status", "media_type", "body", "cause"), REFUSALS.values(), ids=REFUSALS)
def test_a_night_that_never_reached_the_api_is_undecided(
    monkeypatch, tmp_path, capsys, status, media_type, body, cause
):
    """No index is told: it depends on the kind of target alone, and would look like a result."""
    code = night(monkeypatch, tmp_path, _always(status, media_type, body))

    printed = capsys.readouterr().out
    assert code == 2
    assert cause in printed
    assert "drift  " not in printed
    assert cause in summary(tmp_path)
    for text in (printed, summary(tmp_path), (tmp_path / "report.html").read_text("utf-8")):
        assert [word for word in ("conformance index", ", index ", "Score") if word in text] == []


def test_a_refusal_of_some_requests_is_still_drift(monkeypatch, tmp_path):
    """The API was reached: what it then refuses contradicts the documents."""

    def one_operation(asked, reply, memory):
        is_other = b"i2i_inpainting_edit" not in asked.body
        return replace(reply, status=404, body=OF_RESELLER) if reply.is_success and is_other else reply

    assert night(monkeypatch, tmp_path, one_operation) == 1


def test_a_night_that_reached_the_api_is_judged(monkeypatch, tmp_path, capsys):
    assert night(monkeypatch, tmp_path, truthful, "--min-judged", "0.1") == 0
    assert "conformance index" in capsys.readouterr().out


def test_a_running_mock_that_refuses_the_key_is_undecided_and_names_the_variable(capsys):
    with VolcvMock(api_keys=[STRICT]).serve() as server:
        code = run.main(["--target", "server", "--base-url", server.base_url])

    printed = capsys.readouterr().out
    assert code == 2
    assert "refuses the key (HTTP 401). Set VOLCV_API_KEY to one that it accepts." in printed
    assert "drawn requests" not in printed


@pytest.mark.long
def test_a_running_mock_conforms_with_its_key_from_the_environment(monkeypatch):
    monkeypatch.setenv("VOLCV_API_KEY", STRICT)

    with VolcvMock(api_keys=[STRICT]).serve() as server:
        assert run.main(["--target", "server", "--quick", "--base-url", server.base_url]) == 0


def test_a_running_mock_gets_the_keys_of_the_environment(monkeypatch):
    given = {"VOLCV_API_KEY": STRICT, "VOLC_ACCESSKEY": "AKLTgiven0123456789", "VOLC_SECRETKEY": "Z2l2ZW4tMDEyMzQ1Njc4"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with VolcvMock().serve() as server:
        target = open_target("server", base_url=server.base_url)
    target.close()

    assert target.credentials["Authorization"] == f"Bearer {STRICT}"
    assert set(given.values()) <= set(target.secrets)


def test_a_mock_in_front_of_a_paid_service_never_gets_the_key_of_the_environment(monkeypatch):
    """The calls of this target are counted by no budget."""
    monkeypatch.setenv("VOLCV_API_KEY", STRICT)

    with VolcvMock(upstream="http://127.0.0.1:9", mode="spy", api_keys=[STRICT]).serve() as server:
        target = open_target("server", base_url=server.base_url)
    target.close()

    assert target.credentials["Authorization"] == f"Bearer {KEY}"
    assert "--target proxy" in target.key_hint


def test_an_address_that_is_no_mock_never_gets_the_key_of_the_environment(monkeypatch):
    monkeypatch.setenv("VOLCV_API_KEY", STRICT)

    target = open_target("server", base_url="http://127.0.0.1:9")
    target.close()

    assert target.credentials["Authorization"] == f"Bearer {KEY}"


WRONG_PLACES = {
    "another path": ("/another/path", STRICT, "no CVProcess at this path (HTTP 404). Correct the path in --base-url."),
    "another key": ("", "sk-another-0123456789", "Set VOLCV_API_KEY to one that it accepts."),
}


@pytest.mark.long
@pytest.mark.parametrize(("path", "key", "cause"), WRONG_PLACES.values(), ids=WRONG_PLACES)
def test_nothing_is_measured_where_the_api_is_not_reached(monkeypatch, tmp_path, capsys, path, key, cause):
    """A 404 to everything fits many readings: a file was written, and the exit code was 0."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOLCV_API_KEY", key)

    with VolcvMock(api_keys=[STRICT]).serve() as server:
        code = calibrate.main(["--base-url", server.base_url + path, "--budget", "3", "--rps", "100000"])

    assert code == 2
    assert cause in capsys.readouterr().out
    assert not (tmp_path / "readings.toml").exists()
