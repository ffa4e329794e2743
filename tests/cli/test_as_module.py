"""`python -m volcv_mock` works as the installed `volcv-mock`: what lies in the working directory takes no part."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import DEADLINE_S, environment
from volcv_mock import __version__

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("json", "flask", "httpx", "pytest", "argparse", "select", "jsonschema", "PIL", "contract_tests")


def as_module(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment(**variables), capture_output=True, text=True,
                          timeout=DEADLINE_S)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with modules that are named as those of Python and of libraries."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('of the project')\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("words", ["version", "codes", "openapi", "contract --target proxy --plan", "calibrate --plan"])
def test_modules_of_the_working_directory_take_no_part(project: Path, words: str) -> None:
    done = as_module(project, "-m", "volcv_mock", *words.split(), PYTHONPATH=str(ROOT))

    assert (done.returncode, done.stderr) == (0, "")


AS_MAIN = """
import runpy, sys
sys.argv[1:] = ["version"]
try:
    runpy.run_module("volcv_mock", run_name="__main__")
except SystemExit:
    print(sys.path[0])
"""


@pytest.mark.parametrize(("options", "variables"), [(["-P"], {}), ([], {"PYTHONSAFEPATH": "1"})], ids=["-P", "named"])
def test_a_safe_path_stays_as_it_is(tmp_path: Path, options: list[str], variables: dict[str, str]) -> None:
    """Python put nothing before PYTHONPATH, which names the working directory here, so nothing is taken back."""
    path = os.pathsep.join([str(tmp_path), str(ROOT)])

    done = as_module(tmp_path, *options, "-c", AS_MAIN, PYTHONPATH=path, **variables)

    assert done.stdout.splitlines() == [f"volcv-mock {__version__}", str(tmp_path)]


@pytest.mark.parametrize("options", [[], ["-P"]], ids=["plain", "-P"])
def test_it_works_from_a_checkout(options: list[str]) -> None:
    variables = {"PYTHONPATH": str(ROOT)} if options else {}

    done = as_module(ROOT, *options, "-m", "volcv_mock", "version", **variables)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"volcv-mock {__version__}\n", "")
