"""The test suites of the examples, run as a reader runs them: in their folder, by a separate pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from volcv_mock import config

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", ["photo_app", "photo_app_sdk"])
def test_the_suite_of_the_example_passes(name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "ignore"]

    run = subprocess.run(command, cwd=EXAMPLES / name, env=environment(), capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


def test_the_examples_use_public_names_only() -> None:
    """Readers copy from the examples, so these import only public names of the mock."""
    public = {"from volcv_mock import strategies", "from volcv_mock import VolcvMock"}
    lines = [line.strip() for path in EXAMPLES.glob("photo_app*/**/*.py") for line in path.read_text().splitlines()]

    assert {line for line in lines if "volcv_mock" in line and "import" in line} <= public
    assert not [line for line in lines if ".world" in line]


def environment() -> dict[str, str]:
    """This process's environment without what a developer may have set for a live run."""
    ours = ("VOLC_ACCESSKEY", "VOLC_SECRETKEY", "VOLCV_BASE_URL", "VOLCV_API_KEY", "PYTEST_ADDOPTS")
    return {name: value for name, value in os.environ.items() if name not in ours}


@pytest.mark.parametrize("path", ["Containerfile", "examples/ci/github.yml", "examples/ci/gitlab.yml"])
def test_ci_snippets_use_existing_settings(path: str) -> None:
    text = (EXAMPLES.parent / path).read_text(encoding="utf-8")
    variables = dict(re.findall(r"^\s*(?:ENV )?(VOLCV_MOCK_[A-Z_]+)(?:: |=)(\S+)", text, re.MULTILINE))

    assert variables
    assert config.from_sources({}, variables)


GENERATED = {"node_modules", "__pycache__", ".hypothesis"}
"""Folders that running the examples writes."""


def test_examples_name_the_variables_of_the_table_only() -> None:
    """The table of docs/configuration.md, and the names that clients and the contract tests read."""
    table = (EXAMPLES.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    known = {*re.findall(r"`(VOLCV_MOCK_[A-Z_]+)`", table), "VOLCV_BASE_URL", "VOLCV_API_KEY"}
    known |= {"VOLC_ACCESSKEY", "VOLC_SECRETKEY", "VOLCV_MOCK", "VOLCV_MOCK_IMAGE"}
    """VOLCV_MOCK: the program of examples/node/run. VOLCV_MOCK_IMAGE: a variable of GitHub for the image's name."""
    files = [path for folder in (EXAMPLES, EXAMPLES.parent / "deploy") for path in folder.rglob("*")
             if path.is_file() and not GENERATED & set(path.parts)]  # fmt: skip

    texts = {
        path: path.read_text(encoding="utf-8", errors="replace") for path in (*files, EXAMPLES.parent / "Containerfile")
    }
    named = {name for text in texts.values() for name in re.findall(r"\bVOLCV?_[A-Z_]*[A-Z]\b", text)}

    assert named <= known


def test_no_lock_file_names_a_registry() -> None:
    """An installation uses the registry of the user's own configuration."""
    text = (EXAMPLES / "node" / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in text
    assert '"integrity"' in text
