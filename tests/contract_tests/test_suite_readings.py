"""`contract --readings`: measured readings are expected, measured again, and a changed one is drift."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from contract_tests.calibration import nightly
from contract_tests.calibration.measure import Calibrator
from contract_tests.calibration.points import points
from contract_tests.planning.plan import PAID
from contract_tests.planning.planned import planned_cases
from contract_tests.runner import run
from contract_tests.targets import Target, open_target
from contract_tests.targets.mock import CAN, KEY
from volcv_mock import VolcvMock
from volcv_mock.recording import readings_file
from volcv_mock.recording.readings_file import Measured, ReadingsFile

ANIMATED_MASK = "P-mask-animated"
FIRST_FRAME = {"mask-animated": "first-frame"}


def playing(name="mock", capabilities=CAN, **readings) -> Target:
    """A target that plays these readings."""
    app = VolcvMock(triggers=False, api_keys=[KEY], readings=readings).app
    client = httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1:8410")
    return Target(name, client, "/volcv/v1", capabilities, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))


def measured_at(target: Target, *names: str, folder: Path | None = None) -> ReadingsFile:
    return Calibrator(target, folder).run(names)


@pytest.fixture
def night(monkeypatch, tmp_path):
    """Runs one night with two cases at a paid target that plays `readings`, against a file of measured readings."""

    def run_night(file, cases, **readings):
        proxy = playing("proxy", PAID - {"real_time"}, **readings)
        opened = lambda name, **how: proxy if name == "proxy" else open_target(name, **how)  # noqa: E731
        monkeypatch.setattr(run, "open_target", opened)
        chosen = tuple(case for case in planned_cases() if case.id in cases)
        monkeypatch.setattr(run, "_live_cases", lambda options: chosen)
        path = tmp_path / "before.toml"
        path.write_text(readings_file.written(file), encoding="utf-8")
        usual = ["--target", "proxy", "--budget", "9", "--rps", "100000", "--min-judged", "0"]
        return run.main([*usual, "--report", str(tmp_path / "report"), "--readings", str(path)])

    return run_night


def test_what_was_measured_is_expected_and_measured_again(night, tmp_path, capsys):
    """The documents do not say what becomes of such a mask; the service takes it, as it was measured to do."""
    before = measured_at(playing(**FIRST_FRAME), *FIRST_FRAME, "numbers-as-text")

    code = night(before, {ANIMATED_MASK, "CV-REM-001"}, **FIRST_FRAME)

    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "readings: 2 of 2 measured again, 0 changed" in shown


def test_a_night_can_be_replayed_with_its_readings(night, tmp_path, capsys):
    before = measured_at(playing(**FIRST_FRAME), *FIRST_FRAME, "numbers-as-text")
    night(before, {"CV-REM-001"}, **FIRST_FRAME)
    capsys.readouterr()
    recorded = ["--recordings", str(tmp_path / "report"), "--readings", str(tmp_path / "before.toml")]

    code = run.main(["--target", "replay", "--min-judged", "0", *recorded])

    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "readings: 2 of 2 measured again, 0 changed" in shown
    assert "no longer planned" not in shown


def test_a_changed_reading_is_drift_with_both_values_and_both_recordings(night, tmp_path, capsys):
    evidence = tmp_path / "evidence"
    before = measured_at(playing(**{"mask-size": "resize"}), "mask-size", folder=evidence)

    code = night(before, {"CV-REM-001"})

    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("drift  reading mask-size"))
    old, new = line.partition(" became ")[::2]
    assert code == 1
    assert "mask-size: resize" in old
    assert new.startswith("refuse")
    assert (evidence / "exchanges" / before.entries["mask-size"].evidence[0]).exists()
    tonight = readings_file.read(tmp_path / "report" / nightly.WRITTEN).entries["mask-size"]
    assert (tonight.alternative, tonight.confidence) == ("refuse", "2 of 2")
    assert all(name in new and (tmp_path / "report" / "exchanges" / name).exists() for name in tonight.evidence)
    assert set(tonight.evidence) <= set(json.loads((tmp_path / "report" / "results.json").read_text())["recordings"])


def test_a_case_that_answers_as_the_documents_say_and_not_as_measured_is_drift(night, capsys):
    code = night(ReadingsFile({"mask-animated": Measured("first-frame")}), {ANIMATED_MASK})

    assert code == 1
    assert "with the measured readings it would be HTTP 200 10000" in capsys.readouterr().out


def test_an_answer_that_fits_no_alternative_any_more_is_drift(night, capsys):
    before = measured_at(playing(), "answer-mask-size-matches")

    code = night(before, {"CV-REM-001"}, **{"mask-size": "resize"})

    assert code == 1
    assert "became: the request was accepted" in capsys.readouterr().out


def test_one_deviating_answer_of_three_is_no_change():
    before = measured_at(playing(), "mask-size")
    calibrator = Calibrator(playing())
    odd = iter([playing(**{"mask-size": "resize"}), playing(), playing()])
    asked, usual = [], calibrator.measured

    def measured(point):
        calibrator._session.target = next(odd)
        asked.append(point.id)
        return usual(point)

    calibrator.measured = measured
    found = nightly.compare(before, calibrator)

    assert asked == ["mask-size"] * 3
    assert [result.verdict for result in found.results] == ["conform"]
    assert found.now.entries["mask-size"].confidence == "2 of 3"


def test_what_the_budget_leaves_out_keeps_last_nights_reading():
    before = ReadingsFile({"jpeg-quality": Measured("85", confidence="1 of 1")})
    ended = Calibrator(playing())
    ended.stop.request("interrupted", "SIGINT was received")

    found = nightly.compare(before, ended)

    assert found.now.entries == before.entries
    assert found.results == []
    assert found.remarks == ["readings: 0 of 1 measured again, 0 changed",
                             "reading not measured again: jpeg-quality: the run was ended"]  # fmt: skip


def test_an_account_that_is_refused_everything_tells_nothing():
    """A refusal of the account would otherwise be written down as the answer to every rule."""
    target = playing()
    closed = b'{"code": 50400, "message": "Access Denied: Internal Error", "data": null}'
    target.client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(401, content=closed)),
                                 base_url="http://127.0.0.1:8410")  # fmt: skip

    found = measured_at(target, *list(points())[:8])

    assert found.entries == {}
    assert set(found.untold.values()) >= {"every request was refused alike: HTTP 401 50400"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mask-sise]\nalternative = 'resize'", "2: 'mask-sise' is no open point. Did you mean 'mask-size'?"),
        ("[mask-size]\nalternative = 'grow'", "2: mask-size has no alternative 'grow'; permitted: refuse, resize"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_sent(tmp_path, capsys, text, said):
    path = tmp_path / "readings.toml"
    path.write_text(f"version = 1\n{text}\n", encoding="utf-8")

    assert run.main(["--quick", "--readings", str(path)]) == 2
    assert f"could not judge: {path}:{said}" in capsys.readouterr().out
