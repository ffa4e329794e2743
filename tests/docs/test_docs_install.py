"""docs/install.md, and every line of the pages, examples and messages that installs the package."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.pages import PAGES, ROOT
from volcv_mock import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXAMPLES = [path for path in (ROOT / "examples").rglob("*") if path.suffix in (".md", ".yml", "") and path.is_file()
            and "node_modules" not in path.parts]  # fmt: skip
INSTALL = ROOT / "docs" / "install.md"
FROM = {
    "a clone": r"(\./volcv-mock|\.\./\.\.)(\[[a-z,]+\])?",
    "a wheel": rf"(\./)?(dist|vendor)/volcv_mock-{re.escape(__version__)}-py3-none-any\.whl(\[[a-z,]+\])?",
}
"""The package is on no index yet, so that a name alone installs nothing."""


def installed(text: str) -> Iterator[str]:
    """What each `pip install`, `uv tool install` or `pipx install` of a text installs of this package."""
    for line in re.findall(r"(?:pip|uv tool|pipx) install ([^`#\n]+)", text):
        for word in re.findall(r"""['"]?([^\s'"]+)['"]?""", line):
            if "volcv" in word or word.startswith("../.."):
                yield word


@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_line_that_installs_the_package_works_without_an_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    text = text.partition("## After the release")[0] if path == INSTALL else text

    by_name = [word for word in installed(text) if not any(re.fullmatch(one, word) for one in FROM.values())]
    assert by_name == (["volcv-mock[metrics]"] if path == INSTALL else [])


def test_every_extra_is_in_the_table_and_every_extra_that_is_installed_exists() -> None:
    extras = set(PROJECT["optional-dependencies"])
    everything = "\n".join(path.read_text(encoding="utf-8") for path in [*PAGES, *(ROOT / "volcv_mock").rglob("*.py")])

    assert set(re.findall(r"^\| `(\w+)` \|", INSTALL.read_text(encoding="utf-8"), re.MULTILINE)) == extras
    named = {extra for some in re.findall(r"volcv-mock\[([a-z,]+)\]", everything) for extra in some.split(",")}
    assert named <= extras
