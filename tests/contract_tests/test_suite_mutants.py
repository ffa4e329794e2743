"""A fixed sample of the mutants against the planned cases; `make mutants` runs all in every mode."""

from __future__ import annotations

import pytest

from contract_tests.mutants.kill import Kill, run_against
from contract_tests.mutants.progress import Progress
from contract_tests.mutants.registry import MUTANTS, by_name
from contract_tests.mutants.table import summary, table

SAMPLE = (
    "the input behind the link",
    "a link that works once",
    "outpainting: the seed ignored",
    "seededit: no watermark",
    "edit: the watermark's text cut to 10 characters",
    "official-edit: steps ignored",
    "edit: the prompt cut to 10 characters",
    "seededit: the prompt without emoji",
    "outpainting: a blank canvas",
    "removal: a dot far from the mask",
    "outpainting: a charset refused",
    "any sk- key accepted",
    "an expired date accepted",
    "pictures shared between requests in flight",
    "a risk code with HTTP 403 now and then",
)
"""One and more of each kind."""


@pytest.mark.parametrize("name", SAMPLE)
def test_the_planned_cases_detect_a_mutant_of_each_kind(name):
    kill = run_against(by_name(name), "quick")

    assert kill.is_killed, kill


def test_every_mutant_names_a_case_or_check_that_exists():
    """A misspelt name would let a mutant survive for ever."""
    from contract_tests.checks import CHECKS
    from contract_tests.planning.planned import planned_cases

    known = {case.id for case in planned_cases()} | {check.name for check in CHECKS} | {"every_violation"}
    assert [mutant.name for mutant in MUTANTS if not known.intersection(mutant.caught_by)] == []


KILLS = [
    {mode: Kill("one", mode, "MR01-edit", nights=(True, False) if mode == "round" else ()) for mode in
     ("quick", "full", "round")},
    {mode: Kill("two", mode, nights=(False, False) if mode == "round" else ()) for mode in ("quick", "full", "round")},
]  # fmt: skip


def test_the_table_says_what_one_night_alone_detects():
    assert "| one | `MR01-edit` | `MR01-edit` | `MR01-edit` | 1 of 2 |" in table(KILLS)
    assert summary(KILLS) == (
        "Killed: quick 1 of 2, full 1 of 2, round 1 of 2. One night alone: 0 to 1 of 2 (25% on average)."
    )


def test_a_run_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "kills.jsonl"
    kill = KILLS[0]["round"]
    Progress(path).note(kill)
    path.write_text(path.read_text(encoding="utf-8") + '{"mutant": "cut sh', encoding="utf-8")

    assert Progress(path).known("one", "round") == kill
    assert Progress(path).known("two", "round") is None


def test_a_changed_suite_starts_over(tmp_path):
    path = tmp_path / "kills.jsonl"
    Progress(path).note(KILLS[0]["round"])
    path.write_text(path.read_text(encoding="utf-8").replace('"digest": "', '"digest": "0'), encoding="utf-8")

    assert Progress(path).known("one", "round") is None
