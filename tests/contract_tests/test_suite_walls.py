"""Law 6: the suite stands outside. Only target files may import the mock; everything may use its file format."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.sources import imports_of, tree_of

ROOT = Path(__file__).resolve().parents[2] / "contract_tests"
MAY_IMPORT_THE_MOCK = {"targets/mock.py", "targets/server.py"}
FILE_FORMAT = "volcv_mock.recording"
RECORDING = sorted((ROOT.parent / "volcv_mock" / "recording").glob("*.py"))
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


@cache
def _imported(path):
    return tuple(_found(path))


def _found(path):
    for each in imports_of(tree_of(path)):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif each.level == 0:
            yield each.module or ""


def _is_mock(module):
    return module.partition(".")[0] == "volcv_mock" and not f"{module}.".startswith(f"{FILE_FORMAT}.")


def test_only_two_target_files_import_the_mock():
    users = {name for name in FILES if any(map(_is_mock, _imported(ROOT / name)))}

    assert users <= MAY_IMPORT_THE_MOCK


@pytest.mark.parametrize("path", RECORDING, ids=lambda path: path.name)
def test_the_file_format_imports_nothing_of_the_mock(path):
    assert not any(_is_mock(module) for module in _imported(path))


def test_the_suite_imports_itself_by_relative_names():
    """So that it runs from a checkout and from inside a wheel alike."""
    assert [name for name in FILES if any(each.startswith("contract_tests") for each in _imported(ROOT / name))] == []


def test_every_file_says_what_it_is_for_and_stays_short():
    assert [name for name in FILES if not ast.get_docstring(tree_of(ROOT / name))] == []
    assert [name for name in FILES if len((ROOT / name).read_text(encoding="utf-8").splitlines()) > 300] == []
