"""ARCHITECTURE.md: every module, package and folder has its row, the floors are those that the tests enforce, and each
part that can be added has its steps in CONTRIBUTING.md."""

from __future__ import annotations

import re

from tests.helpers.pages import ROOT, blocks
from tests.test_architecture import FLOORS

PAGE = ROOT / "ARCHITECTURE.md"
TREE = PAGE.read_text(encoding="utf-8").partition("## The tree")[2].partition("## Floors")[0]
OF_PACKAGE, _, OF_CONTRACT_TESTS = TREE.partition("`contract_tests/`:")
PLAIN = {"__init__.py", "__pycache__", "_shipped", "py.typed"}


def rows(table: str) -> set[str]:
    """The names in the first column of a table."""
    first = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    return {name.strip("`").rstrip("/") for cell in first for name in cell.split(", ")}


def test_every_module_of_the_package_has_a_row() -> None:
    built = {path.name for path in (ROOT / "volcv_mock").iterdir()} - PLAIN

    assert rows(OF_PACKAGE) == built


def test_every_folder_of_the_contract_tests_has_a_row() -> None:
    built = {path.name for path in (ROOT / "contract_tests").iterdir() if path.is_dir()} - PLAIN

    assert rows(OF_CONTRACT_TESTS) == built


def test_contributing_has_the_steps_for_each_part_that_can_be_added() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Where to add things")[2].partition("\n## ")[0]
    guides = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    parts = [cell.partition(",")[0] for cell in re.findall(r"^\| (.*?) \|", table, re.MULTILINE)][1:]

    assert "a fault" in parts
    assert [part for part in parts if f"# How to add {part}\n" not in guides] == []


def test_the_floors_are_those_that_the_architecture_test_enforces() -> None:
    page = [block.text for block in blocks(PAGE, "text") if "_util" in block.text.splitlines()[-1]]
    floors = [tuple(line.split(", ")) for line in page[0].splitlines()]

    assert floors == list(reversed(FLOORS))
