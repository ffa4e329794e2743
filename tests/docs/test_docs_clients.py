"""docs/clients.md: the programs that start quickly run here, the others in `.ci/run` (tools/clients_check.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.pages import DOCS
from tools.clients_check import PROGRAMS, run, why_not
from volcv_mock import VolcvMock

QUICK = ("PHP", "Node", "a page")


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with VolcvMock().serve() as server:
        yield server.base_url.removeprefix("http://")


@pytest.mark.parametrize("name", QUICK)
def test_each_program_gets_the_refusal_that_it_asks_for(name: str, host: str, tmp_path: Path) -> None:
    reason = why_not(PROGRAMS[name])
    if reason:
        pytest.skip(reason)

    printed = run(PROGRAMS[name], host, tmp_path)

    assert printed.startswith("400 ")
    assert "50411" in printed


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_is_on_the_page_and_asks_for_a_refusal(name: str) -> None:
    assert "code=50411" in PROGRAMS[name].text


def test_every_program_of_the_page_is_run_or_marked() -> None:
    fences = [line[3:] for line in (DOCS / "clients.md").read_text(encoding="utf-8").splitlines() if line[:3] == "```"]

    run_by_tests = {program.language for program in PROGRAMS.values()}
    assert {word for word in fences if word} - run_by_tests <= {"bash", "text", "yaml", "go sdk", "java sdk", "php sdk"}
