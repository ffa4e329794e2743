"""`volcv-mock calibrate`: what it measures, what it writes, and that the mock then plays it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.calibration import run
from contract_tests.calibration.compared import changed
from contract_tests.calibration.measure import Calibrator
from contract_tests.calibration.order import order_of_checks
from contract_tests.calibration.points import points
from contract_tests.targets import Target
from contract_tests.targets.mock import CAN, KEY
from volcv_mock import VolcvMock
from volcv_mock.recording import readings_file
from volcv_mock.recording.ledger import Ledger
from volcv_mock.recording.readings_file import Measured, ReadingsFile

PATH = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
BEARER = {"Authorization": f"Bearer {KEY}"}
READINGS = {
    "mask-size": "resize", "out-of-range": "clamp", "empty-lists": "null", "jpeg-quality": "85",
    "jpeg-subsampling": "4:2:0", "exif-orientation": "ignored", "outpainting-rounding": "up",
    "output-size": "multiple-of-8",
    "base64-line-breaks": "accept", "five-megabytes": "mb-of-file", "answer-picture-format": "50215",
    "unknown-req-key": "50200", "media-type": "415", "mask-grey-threshold": "64", "source-profile": "kept",
    "www-authenticate": "absent", "both-outputs": "both", "seed-zero": "random", "whole-floats": "refuse",
}  # fmt: skip


def target(**settings: Any) -> Target:
    """A mock with these settings, as a target of the suite."""
    client = httpx.Client(
        transport=httpx.WSGITransport(VolcvMock(triggers=False, **settings).app), base_url="http://127.0.0.1:8410"
    )
    return Target("mock", client, "/volcv/v1", CAN, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))


def test_a_mock_that_plays_other_readings_is_measured_as_playing_them() -> None:
    found = Calibrator(target(readings=READINGS)).run(READINGS)

    assert {name: entry.alternative for name, entry in found.entries.items()} == READINGS
    assert found.untold == {}


def test_at_least_50_points_that_a_client_can_observe_have_a_probe() -> None:
    assert len(points()) >= 50


@pytest.mark.long
def test_what_calibrate_writes_is_what_serve_reads_and_recordings_give_the_same(tmp_path: Path) -> None:
    found = Calibrator(target(readings=READINGS), tmp_path / "evidence").run(READINGS)
    file = tmp_path / "readings.toml"
    file.write_text(readings_file.written(found, ["by a test"]), encoding="utf-8")

    again = VolcvMock(readings=str(file)).world.readings
    code = run.main(["--from", str(tmp_path / "evidence"), "--out", str(tmp_path / "again.toml")])

    assert {name: again.played[name] for name in READINGS} == READINGS
    assert again.measured == set(READINGS)
    replayed = readings_file.read(tmp_path / "again.toml")
    assert {name: replayed.entries[name].alternative for name in READINGS} == READINGS
    assert code == 0


def test_recordings_of_other_requests_tell_what_every_answer_shows(tmp_path: Path) -> None:
    """No request provokes 201304; a recording of any request that got it says where it stands."""
    real = VolcvMock(api_keys=[KEY], readings={"empty-lists": "null", "jpeg-quality": "85"})
    with real.serve() as server:
        folder = str(tmp_path / "recordings")
        recorder = VolcvMock(upstream=server.base_url, mode="record", api_keys=[KEY], recordings=folder)
        real.fault("ghost_face", times=1)
        for seed in (1, 2, 3):
            recorder.app.test_client().post(PATH, json=recorder.body(seed=seed), headers=BEARER)

    code = run.main(["--from", folder, "--out", str(tmp_path / "readings.toml")])

    found = readings_file.read(tmp_path / "readings.toml")
    told = {name: (entry.alternative, entry.confidence) for name, entry in found.entries.items()}
    assert told["ghost-face-placement"] == ("data", "1 of 1")
    assert told["jpeg-quality"] == ("85", "2 of 2")
    assert told["empty-lists"] == ("null", "3 of 3")
    assert "ghost-face-placement" not in found.untold
    assert code == 0
    assert VolcvMock(readings=str(tmp_path / "readings.toml")).world.readings.played["empty-lists"] == "null"


def test_a_point_is_measured_as_often_as_asked_and_most_answers_decide() -> None:
    found = Calibrator(target(readings={"mask-size": "resize"}), times=3).run(["mask-size"])

    assert (found.entries["mask-size"].alternative, found.entries["mask-size"].confidence) == ("resize", "2 of 2")


def test_the_order_of_two_mistakes_is_reported() -> None:
    lines = order_of_checks(Calibrator(target()))

    assert lines[0] == "order of checks: Action missing, key missing: Action missing is answered"
    assert len(lines) == 7


def test_a_run_that_is_ended_writes_what_was_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is noted, and acted on where the run waits."""
    asked = []
    usual = Calibrator.exchange

    def exchange(self: Calibrator, *arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 30:
            signal.raise_signal(signal.SIGINT)
        return usual(self, *arguments)

    monkeypatch.setattr(Calibrator, "exchange", exchange)

    code = run.main(["--target", "mock", "--out", str(tmp_path / "readings.toml")])

    shown = capsys.readouterr().out
    assert code == 0
    assert "ended early: SIGINT was received" in shown
    assert 1 <= len(readings_file.read(tmp_path / "readings.toml").entries) <= 12


def test_a_reading_that_contradicts_a_document_is_drift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = Calibrator(target(readings={"mask-icc-profile": "accept"})).run(["mask-icc-profile"])

    code = run.report(found, tmp_path / "readings.toml")

    assert code == 1
    assert "drift: mask-icc-profile: accept contradicts S3-mask-icc" in capsys.readouterr().out


def test_a_changed_reading_is_named_with_both_values_and_both_recordings() -> None:
    before = ReadingsFile({"mask-size": Measured("refuse", evidence=("a.json",))})
    now = ReadingsFile({"mask-size": Measured("resize", evidence=("b.json",))})

    assert changed(before, now) == ["mask-size: refuse (a.json) became resize (b.json)"]
    assert changed(before, before) == []


def test_the_plan_sends_nothing_and_names_each_point(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--plan", "--budget", "10"]) == 0

    shown = capsys.readouterr().out
    assert all(name in shown for name, point in points().items() if point.endpoint != "official")


def test_a_paid_target_needs_a_budget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VOLCV_API_KEY", "sk-paid-0123456789")

    assert (
        run.main(
            ["--base-url", "http://127.0.0.1:9", "--ledger", str(tmp_path / "ledger"), "--out", str(tmp_path / "r")]
        )
        == 2
    )
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(("out", "evidence"), [("folder", "new"), ("file/r.toml", "new"), ("r.toml", "file/new")])
def test_places_that_cannot_be_written_to_are_refused_before_a_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, evidence: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")

    code = run.main(["--target", "mock", "--out", str(tmp_path / out), "--recordings", str(tmp_path / evidence)])

    shown = capsys.readouterr().out
    assert code == 2
    assert len(shown.splitlines()) == 1
    named = tmp_path / (out if out == "folder" else "file")
    reasons = (f"{named}: ", f"nothing can be written to {named}")
    assert shown.removeprefix("could not calibrate: ").startswith(reasons)
    assert not list(tmp_path.rglob("exchanges"))


@pytest.mark.parametrize("text", ['"', "\\", "\n\t", "图", "\x00\x7f"])
def test_any_message_survives_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "readings.toml"
    entry = Measured("50204", details={"message": text})
    file.write_text(readings_file.written(ReadingsFile({"answer-schema-type": entry}, {}, "proxy")), encoding="utf-8")

    assert readings_file.read(file).entries["answer-schema-type"].details["message"] == text


def test_refused_credentials_that_were_asked_for_do_not_end_the_run() -> None:
    """Three unasked 401 in a row do; the probes of keys and signatures want nothing else."""
    answer = httpx.MockTransport(lambda request: httpx.Response(401, json={"error": {"message": "no", "type": "x"}}))
    paid = Target("proxy", httpx.Client(transport=answer, base_url="http://127.0.0.1:8410"), "/volcv/v1",
                  frozenset({"paid"}))  # fmt: skip
    about_keys = [name for name, point in points().items() if any("key" in asked for asked in point.probe.values())]
    others = ["mask-size", "mask-bits", "mask-jpeg", "mask-alpha"]

    found = Calibrator(paid).run(about_keys * 2)
    ended = Calibrator(paid).run(others)

    assert len(found.untold) > 3
    assert not any("in a row" in why for why in found.untold.values())
    assert ended.untold["mask-alpha"] == "3 answers in a row were HTTP 401; no further call was made"


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError])
def test_calls_without_a_connection_cost_nothing_and_end_the_run(tmp_path: Path, error: type[Exception]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise error("no connection")

    client = httpx.Client(transport=httpx.MockTransport(refuse), base_url="http://127.0.0.1:9")
    ledger = Ledger(tmp_path / "ledger.jsonl", 9)
    calibrator = Calibrator(Target("proxy", client, "/volcv/v1", frozenset({"paid"})), ledger=ledger)

    found = calibrator.run()

    assert (found.entries, ledger.spent()) == ({}, 0)
    assert "3 calls in a row got no answer; no further call was made" in found.untold.values()
    assert len(ledger.path.read_text(encoding="utf-8").splitlines()) == 6


def test_a_readings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "readings.toml"
    path.write_text("\ufeffversion = 1\n", encoding="utf-8")

    assert readings_file.read(path).entries == {}
