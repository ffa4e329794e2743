"""No sentence of the documents is relied on without something that holds a target to it."""

from __future__ import annotations

from pathlib import Path

from contract_tests import contract
from contract_tests.checks import CHECKS
from contract_tests.planning.planned import planned_cases
from contract_tests.traceability.citations import sentences


def test_every_sentence_has_a_check_a_case_or_a_test():
    assert [f"{one.id} ({one.paraphrase})" for one in sentences() if not one.is_tested] == []


def test_the_trace_page_has_every_sentence():
    """Stale? Write it again: python -m contract_tests.traceability."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "trace.md").read_text(encoding="utf-8")

    assert [one.id for one in sentences() if f"| `{one.id}` " not in page] == []


def test_every_check_and_case_cites_sentences_that_exist():
    cited = {one.strip() for owner in (*CHECKS, *planned_cases()) for one in owner.source.split(",")}

    assert cited <= contract.sources().keys()


def test_check_names_and_case_ids_are_unique():
    names = [check.name for check in CHECKS] + [case.id for case in planned_cases()]

    assert len(set(names)) == len(names)
