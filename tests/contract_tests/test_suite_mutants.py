"""A fixed sample of the mutants against the planned cases; `make mutants` runs all in every mode."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests import grades
from contract_tests.checks import CHECKS
from contract_tests.mutants import baseline, everything
from contract_tests.mutants.__main__ import survivors
from contract_tests.mutants.kill import Kill, run_against
from contract_tests.mutants.progress import KnownResults
from contract_tests.mutants.registry import MUTANTS, by_name
from contract_tests.mutants.table import summary, table
from contract_tests.planning.planned import planned_cases

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
    known = {case.id for case in planned_cases()} | {check.name for check in CHECKS} | {"every_violation"}
    assert [mutant.name for mutant in MUTANTS if not known.intersection(mutant.caught_by)] == []


def _kills(name, nights, **changes):
    full = Kill(name, "full", "MR01-edit")
    found = {"quick": replace(full, mode="quick"), "full": full, "round": Kill(name, "round", nights=nights)}
    return {**found, **changes}


DETECTED, SURVIVES, BACKWARDS = "a link that works once", "a link that dies soon", "members backwards"
WARNED = Kill(BACKWARDS, "round", nights=(False, False))
KILLS = [
    _kills(DETECTED, (True, False), round=Kill(DETECTED, "round", "MR22-edit", nights=(True, False))),
    _kills(SURVIVES, (False, False), quick=Kill(SURVIVES, "quick")),
    _kills(
        BACKWARDS, (False, False), round=Kill(BACKWARDS, "round", nights=(False,) * 2, warned_by="members_in_order")
    ),
]


def test_the_table_says_what_one_night_alone_detects_and_what_is_only_warned_of():
    page = table(KILLS)

    assert f"| {DETECTED} | `MR01-edit` | `MR01-edit` | `MR22-edit` | 1 of 2 |" in page
    assert f"| {BACKWARDS} | `MR01-edit` | `MR01-edit` | warning: `members_in_order` | 0 of 2 |" in page
    assert "| links | 2 | 25% | 1 | 1 | 2 |" in page
    assert summary(KILLS) == (
        "Killed: quick 2 of 3, full 3 of 3, round 1 of 3 (and 1 only warned of). "
        "One night alone: 0 to 1 of 3 (17% on average)."
    )


def test_what_no_night_meets_is_not_called_warned_of():
    unmet = _kills("task: a task cannot be given up", (False, False))

    assert summary([*KILLS, unmet]).startswith(
        "Killed: quick 3 of 4, full 4 of 4, round 1 of 4 (and 1 only warned of, 1 not met).")  # fmt: skip
    assert "| not met | 0 of 2 |" in table([unmet])
    assert "| not met, no night has its case | no answer of CVCancelTask is public |" in table([unmet])


def test_what_is_only_warned_of_survives_without_the_warning():
    """A mark in the table is no excuse for a deviation that nobody would hear of."""
    silent = _kills(BACKWARDS, (False, False))

    assert list(survivors(KILLS)) == [f"round: {SURVIVES}"]
    assert list(survivors([silent])) == [f"round: {BACKWARDS}"]


@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.only_warned], ids=lambda one: one.name)
def test_a_mutant_is_marked_as_only_warned_of_when_its_sentence_is_below_seen(mutant):
    """The rule is that of grades.py: what is documented or was seen is drift."""
    grades_of = [check.grade for check in CHECKS if check.name in mutant.caught_by]

    assert not grades_of or any(grade not in grades.HELD for grade in grades_of)


def test_a_run_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "kills.jsonl"
    kill = KILLS[0]["round"]
    KnownResults(path, "mutants").note("one", [kill])
    path.write_text(path.read_text(encoding="utf-8") + '{"name": "cut sh', encoding="utf-8")

    assert [Kill.of(row) for row in KnownResults(path, "mutants").known("one")] == [kill]
    assert KnownResults(path, "mutants").known("two") is None
    assert KnownResults(path, "benign").known("one") is None


def test_a_changed_suite_starts_over(tmp_path):
    path = tmp_path / "kills.jsonl"
    KnownResults(path, "mutants").note("one", [KILLS[0]["round"]])
    path.write_text(path.read_text(encoding="utf-8").replace('"digest": "', '"digest": "0'), encoding="utf-8")

    assert KnownResults(path, "mutants").known("one") is None


def test_every_part_is_run_and_the_worst_exit_code_counts(tmp_path, monkeypatch, capsys):
    """A mutant that survives does not keep a false alarm from being seen."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".mutants.jsonl").write_text("{}", encoding="utf-8")

    def breaks(argv):
        raise ValueError("no such mutant")

    assert everything.main({"mutants": lambda argv: 1, "benign": breaks, "personalities": lambda argv: 0}) == 2
    assert everything.main({"mutants": lambda argv: 1, "benign": lambda argv: 0}) == 1
    assert "benign could not be run: ValueError: no such mutant" in capsys.readouterr().out
    assert not (tmp_path / ".mutants.jsonl").exists()


@pytest.mark.parametrize("variant", baseline.VARIANTS)
def test_each_variant_of_scenes_and_seeds_is_true_of_the_mock(variant):
    """`make mutants` compares every relation in every variant; here each variant compares a few."""
    shared = baseline.relations()[variant :: 3 * len(baseline.VARIANTS)]
    growing = [case for case in baseline.relations() if case.id == "MR10"]

    assert list(baseline.found_in_variant(variant, [*shared, *growing])) == []
