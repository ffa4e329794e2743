"""docs/tasks.md: each Python block is a file of a test suite, and passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL)


def test_every_python_block_is_named_and_passes(
    everything_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLCV_BASE_URL", "https://api.example.com")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    for name, text in BLOCKS:
        (pytester.path / name).write_text(text, encoding="utf-8")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *(name for name, _ in BLOCKS))

    assert PAGE.count("```python") == len(BLOCKS)
    outcomes = result.parseoutcomes()
    outcomes.pop("warnings", None)  # of plugins that are installed here; the page is not about them
    assert outcomes == {"passed": len(BLOCKS)}
