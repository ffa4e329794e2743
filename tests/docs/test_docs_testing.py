"""docs/testing.md: each Python block is a file of a test suite, and passes or fails as the page says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n# (\w+\.py)( \(fails\))?\n(.*?)```", PAGE, re.DOTALL)
TESTS = [(name, bool(fails)) for name, fails, _ in BLOCKS if name.startswith("test_")]
FAILING, PASSING = ([name for name, fails in TESTS if fails is wanted] for wanted in (True, False))


@pytest.fixture
def suite(everything_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("VOLCV_BASE_URL", raising=False)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    for name, _, text in BLOCKS:
        (pytester.path / name).write_text(text, encoding="utf-8")
    return pytester


def test_the_passing_blocks_pass(suite: pytest.Pytester) -> None:
    result = suite.runpytest_inprocess("-p", "no:cacheprovider", *PASSING)

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= len(PASSING)


def test_the_failing_block_fails_and_its_report_shows_the_calls(suite: pytest.Pytester) -> None:
    result = suite.runpytest_inprocess("-p", "no:cacheprovider", *FAILING)

    result.assert_outcomes(failed=len(FAILING))
    result.stdout.fnmatch_lines(["*IndexError*", "*volcv calls*", "*200 10000(201304) i2i_inpainting*ghost_face*"])


def test_every_python_block_is_named_and_run() -> None:
    assert PAGE.count("```python") == len(BLOCKS)


def test_the_extras_that_the_page_installs_exist() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert set(re.findall(r"volcv-mock\[(\w+)\]", PAGE)) <= set(known)


def test_the_files_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:examples|tools|tests)/[\w./]+|Containerfile)`", PAGE)

    assert [name for name in named if not (ROOT / name).exists()] == []
