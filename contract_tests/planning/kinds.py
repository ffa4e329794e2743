"""Kinds of cases, and within how many nights the plan meets each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .cases import Case

LINKS, ACCEPTED, CREDENTIALS, TOGETHER, TASKS = (
    "links", "accepted classes", "credentials", "requests at the same time", "tasks")  # fmt: skip
REFUSALS, DRAWN, OTHERS = "refusals", "drawn requests", "others"
KINDS: Sequence[tuple[str, tuple[str, ...]]] = (
    (LINKS, ("MR13", "MR22")),
    ("painted and kept areas", ("MR01", "MR02", "MR12", "MR21")),
    ("seeds", ("MR03", "MR04")),
    ("watermarks", ("MR08", "MR09")),
    ("prompts", ("MR17-prompt", "MR14")),
    ("dials", ("MR17", "MR10", "MR11", "MR19")),
    ("defaults", ("MR07",)),
    (ACCEPTED, ("AC", "MR05", "MR06", "P-", "CV-REM", "CV-ED", "CV-OUT", "CV-SED")),
    (CREDENTIALS, ("CR", "CV-GTW")),
    (TOGETHER, ("CC",)),
    (TASKS, ("TK",)),
    (REFUSALS, ("W-", "MR15", "MR18", "CV-")),
)
"""A kind and the beginnings of its cases' ids; the first that fits counts."""


def kind_of(case: Case) -> str:
    """The kind of a case."""
    return kind_of_id(case.id)


def kind_of_id(case_id: str) -> str:
    """The kind of a case, by the beginning of its id."""
    return next((kind for kind, starts in KINDS if case_id.startswith(starts)), OTHERS)


def when_met(nights: Sequence[Iterable[Case]]) -> list[str]:
    """For each kind, the night in which its first and its last case is due; tonight is night 1."""
    due: dict[str, list[int]] = {}
    for number, night in enumerate(nights, start=1):
        for case in night:
            due.setdefault(kind_of(case), []).append(number)
    names = [kind for kind, _ in KINDS if kind in due] + ([OTHERS] if OTHERS in due else [])
    return [f"  {name}: {_within(sorted(set(due[name])), len(nights))}" for name in names]


def _within(due: list[int], nights: int) -> str:
    if len(due) == nights > 1:
        return "in every night"
    first, last = due[0], due[-1]
    return f"night {first}" if first == last else f"from night {first}, all within {last} nights"
