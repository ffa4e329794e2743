"""The folder of docs/own-operations.md, as its first block writes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from volcv_mock._util.paths import shelf

PAGE = shelf("docs") / "own-operations.md"


@pytest.fixture(scope="session")
def page_blocks() -> list[str]:
    """The Python blocks of the page, in order."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_blocks: list[str]) -> Path:
    """The folder, below the current directory of the test."""
    (tmp_path / "fixtures").symlink_to(shelf("fixtures"))
    monkeypatch.chdir(tmp_path)
    exec(page_blocks[0], {})
    return tmp_path / "own"
