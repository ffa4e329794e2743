"""Where a command is called: in a working directory that is gone, it ends with one line, or works if it needs none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import DEADLINE_S, environment

ROOT = Path(__file__).resolve().parents[2]
IN_A_FOLDER_THAT_IS_GONE = """
import os, sys
os.rmdir(os.getcwd())
from volcv_mock.cli import main
sys.exit(main(sys.argv[1:]))
"""
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the working directory of a process")


def in_a_folder_that_is_gone(tmp_path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    folder = tmp_path / "gone"
    folder.mkdir()
    command = [sys.executable, "-c", IN_A_FOLDER_THAT_IS_GONE, *words]
    environ = environment(PYTHONPATH=str(ROOT), **variables)
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=DEADLINE_S)


@needs_posix
@pytest.mark.parametrize(
    "words",
    ["contract --quick", "contract --target proxy --plan", "contract --contract own", "calibrate --target mock",
     "calibrate --plan", "serve --tls", "serve --contract own"],
)
def test_a_working_directory_that_is_gone_is_named_in_one_line(tmp_path: Path, words: str) -> None:
    done = in_a_folder_that_is_gone(tmp_path, *words.split())

    (line,) = (done.stdout + done.stderr).splitlines()
    assert "the working directory is gone" in line
    assert done.returncode == 2


@needs_posix
@pytest.mark.parametrize("words", ["demo", "samples out", "fixtures out", "serve --config mock.toml"])
def test_what_is_written_or_read_there_is_named_in_one_line(tmp_path: Path, words: str) -> None:
    done = in_a_folder_that_is_gone(tmp_path, *words.split())

    (line,) = (done.stdout + done.stderr).splitlines()
    assert line.endswith("No such file or directory")
    assert done.returncode == 2


@needs_posix
@pytest.mark.parametrize("words", ["contract --help", "serve --help", "codes", "openapi", "explain 50429"])
def test_what_needs_no_working_directory_works_without(tmp_path: Path, words: str) -> None:
    done = in_a_folder_that_is_gone(tmp_path, *words.split())

    assert (done.returncode, done.stderr) == (0, "")


@needs_posix
def test_a_mistake_in_the_options_of_contract_is_told_first(tmp_path: Path) -> None:
    done = in_a_folder_that_is_gone(tmp_path, "contract", "--nope")

    assert "unrecognized arguments: --nope" in done.stderr
    assert done.returncode == 2


@needs_posix
def test_a_report_of_last_night_says_that_the_run_could_not_start(tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.mkdir()
    (report / "summary.md").write_text("conform", encoding="utf-8")

    done = in_a_folder_that_is_gone(tmp_path, "contract", "--report", str(report))

    assert done.returncode == 2
    assert "the working directory is gone" in (report / "summary.md").read_text("utf-8")


@needs_posix
def test_a_shell_completes_in_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": "volcv-mock contract-in", "COMP_POINT": "22", "_ARGCOMPLETE_IFS": "\n",
             "_ARGCOMPLETE_STDOUT_FILENAME": str(answers), "COMP_TYPE": "9"}  # fmt: skip

    done = in_a_folder_that_is_gone(tmp_path, **asked)

    assert "Traceback" not in done.stderr
    assert "contract-init" in answers.read_text("utf-8")
