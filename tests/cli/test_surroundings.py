"""Where a command is called: in a working directory that is gone, or with VOLCV_SCHEMAS for a folder that cannot be
read, it ends with one line, or works if it needs none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.process import DEADLINE_S, environment, run
from volcv_mock._util.paths import shelf

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


def _broken(folder: Path) -> None:
    (folder / "codes.json").write_text("{\n", encoding="utf-8")


def _not_utf8(folder: Path) -> None:
    (folder / "sources.json").write_bytes(b"\xff")


def _without_rows(folder: Path) -> None:
    (folder / "catalog.json").write_text("{}", encoding="utf-8")


def _without_a_schema(folder: Path) -> None:
    (folder / "requests" / "i2i_outpainting.schema.json").unlink()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "no such folder; wanted one that holds what schemas/ does"),
    "an empty folder": (_empty, "catalog.json: No such file or directory"),
    "a broken file": (_broken, "codes.json:2: no JSON: Expecting property name enclosed in double quotes"),
    "a file in another encoding": (_not_utf8, "sources.json: UnicodeDecodeError; wanted JSON in UTF-8"),
    "a catalog without rows": (_without_rows, "no contract that can be used: KeyError: 'operations'"),
    "a schema is missing": (_without_a_schema, "requests/i2i_outpainting.schema.json: No such file or directory"),
}


@pytest.mark.parametrize(("break_it", "said"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("words", ["contract --quick", "calibrate --target mock"])
def test_a_contract_that_cannot_be_read_is_named_by_its_variable(
    tmp_path: Path, words: str, break_it: Callable[[Path], object], said: str
) -> None:
    folder = Path(shutil.copytree(shelf("schemas"), tmp_path / "schemas"))
    break_it(folder)

    done = run(*words.split(), environ={"VOLCV_SCHEMAS": str(folder)})

    (line,) = (done.stdout + done.stderr).splitlines()
    assert line.endswith(f": VOLCV_SCHEMAS = {str(folder)!r}: {said}")
    assert done.returncode == 2


def test_the_plan_of_a_night_needs_a_contract_too() -> None:
    done = run("contract", "--target", "proxy", "--plan", environ={"VOLCV_SCHEMAS": "no\nfolder"})

    (line,) = (done.stdout + done.stderr).splitlines()
    assert line.startswith("could not judge: VOLCV_SCHEMAS = 'no\\nfolder': no such folder")
    assert done.returncode == 2


@pytest.mark.parametrize("words", ["codes", "contract --help", "serve --help"])
def test_what_does_not_read_that_contract_works(words: str) -> None:
    done = run(*words.split(), environ={"VOLCV_SCHEMAS": "/nope/x"})

    assert (done.returncode, done.stderr) == (0, "")


def test_a_contract_that_can_be_read_is_planned_as_that_of_the_package() -> None:
    words = ["contract", "--target", "proxy", "--plan"]
    named = run(*words, environ={"VOLCV_SCHEMAS": str(shelf("schemas"))})

    assert (named.returncode, named.stdout) == (0, run(*words).stdout)
