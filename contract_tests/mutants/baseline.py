"""What the suite finds in a proxy that changes nothing: it must be nothing, in every mode and every variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..pictures.server import unpublished
from ..planning.cases import Case
from ..planning.planned import planned_cases
from ..runner.runner import Runner
from .kill import MODES, run_against, target_of
from .registry import BASELINE

VARIANTS = range(9)
"""The scenes repeat after seven; the seeds do not."""
RUNS = (*MODES, *(f"variant {number}" for number in VARIANTS))


def found(run: str) -> list[str]:
    """The checks and cases that contradict a true answer, in a mode or for a variant of scenes and seeds."""
    if run in MODES:
        return list(run_against(BASELINE, run).others)
    return list(found_in_variant(int(run.split()[1]), relations()))


def relations() -> tuple[Case, ...]:
    """The cases whose requests differ with the variant, or may."""
    return tuple(case for case in planned_cases() if not case.tags & {"violation", "class"})


def found_in_variant(variant: int, cases: Iterable[Case]) -> Iterator[str]:
    """The cases that a variant contradicts, or that could not be judged, with what was found."""
    runner = Runner(target_of(BASELINE, "quick"), unpublished, variant=variant)
    for case in cases:
        if case.needs <= runner.target.capabilities:
            result = runner.run_one(case)
            if result.verdict != "conform":
                yield f"{case.id}: {result.reason or [finding.text for finding in result.findings]}"
