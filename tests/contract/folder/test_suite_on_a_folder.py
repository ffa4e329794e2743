"""`volcv-mock contract --contract DIR`: the contract suite reads the folder, and its mock plays it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from volcv_mock._util.paths import shelf
from volcv_mock.cli import main

RUN = """
import os, sys
from volcv_mock.cli.contract import FOLDER, folder_in_force

with folder_in_force(["--contract", sys.argv[1]]):
    os.environ[FOLDER] = sys.argv[-1]
    from contract_tests.planning.planned import planned_cases
    from contract_tests.runner.runner import Runner
    from contract_tests.targets import open_target

    cases = [case for case in planned_cases() if "my_card" in case.id]
    target = open_target("mock")
    for result in Runner(target).run(cases):
        print(result.case_id, result.verdict)
    target.close()
assert FOLDER not in os.environ
"""
"""In a process of its own: the suite keeps what it has read. The last argument is what the mock plays."""


def verdicts(folder: Path, *more: str) -> dict[str, str]:
    """Case -> verdict, of the cases of my_card."""
    environ = {**os.environ, "PYTHONPATH": str(shelf("contract_tests").parent)}
    done = subprocess.run([sys.executable, "-c", RUN, str(folder), *more], env=environ, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ") for line in done.stdout.splitlines())  # type: ignore[misc]


@pytest.mark.long
def test_the_suite_checks_the_req_keys_of_the_folder(own: Path) -> None:
    found = verdicts(own)

    assert set(found.values()) == {"conform"}, found
    assert {"N-my_card-text", "W-my_card-prompt-maxLength", "W-my_card-prompt-required"} <= found.keys()


@pytest.mark.long
def test_a_mock_that_plays_another_folder_drifts(own: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(own, tmp_path / "other"))
    path = other / "requests" / "my_card.schema.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"maxLength": 100', '"maxLength": 101'), encoding="utf-8")

    found = verdicts(own, str(other))

    assert {name for name, verdict in found.items() if verdict != "conform"} == {"W-my_card-prompt-maxLength"}
    assert found["W-my_card-prompt-maxLength"] == "drift"


def test_a_bad_folder_is_2_and_says_where(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "catalog.json").write_text("{")

    assert main(["contract", "--contract", str(own)]) == 2
    assert "catalog.json: " in capsys.readouterr().err


def test_a_paid_target_gets_the_documented_req_keys_only(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "--target", "proxy", "--plan", "--contract", str(own)]) == 2
    assert "--contract: is for the targets mock and server, not for proxy" in capsys.readouterr().err
