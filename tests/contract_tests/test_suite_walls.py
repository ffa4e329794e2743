"""Law 6: the suite stands outside. Only target files may import the mock; everything may use its file format."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "contract_tests"
MAY_IMPORT_THE_MOCK = {"targets/mock.py", "targets/server.py"}
FILE_FORMAT = "volcv_mock.recording"
RECORDING = sorted((ROOT.parent / "volcv_mock" / "recording").glob("*.py"))
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


@cache
def _imported(path):
    return tuple(_found(ast.parse(path.read_text(encoding="utf-8"))))


def _found(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def _is_mock(module):
    return module.partition(".")[0] == "volcv_mock" and not f"{module}.".startswith(f"{FILE_FORMAT}.")


@pytest.mark.parametrize("name", FILES)
def test_only_two_target_files_import_the_mock(name):
    imports_the_mock = any(_is_mock(module) for module in _imported(ROOT / name))

    assert not imports_the_mock or name in MAY_IMPORT_THE_MOCK


@pytest.mark.parametrize("path", RECORDING, ids=lambda path: path.name)
def test_the_file_format_imports_nothing_of_the_mock(path):
    assert not any(_is_mock(module) for module in _imported(path))


@pytest.mark.parametrize("name", FILES)
def test_the_suite_imports_itself_by_relative_names(name):
    """So that it runs from a checkout and from inside a wheel alike."""
    assert not any(module.startswith("contract_tests") for module in _imported(ROOT / name))


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_what_it_is_for_and_stays_short(name):
    text = (ROOT / name).read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300
