"""python -m contract_tests.mutants [NAME ...]: run the suite against the mutants and write docs/mutants.md.

Exit 0 when the full suite and a round of nights detect every mutant and find nothing in the baseline, 1 when not,
2 on an error. A run that was ended goes on where it ended.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import baseline
from .kill import Kill, is_met, kills_of
from .progress import KEPT, KnownResults
from .registry import MUTANTS, by_name
from .table import Kills, summary, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"


def main(argv: list[str]) -> int:
    """Run against all mutants, or those named, and the baseline: findings there would prove nothing."""
    names = argv or [mutant.name for mutant in MUTANTS]
    kills = _kills(names)
    if not argv and PAGE.parent.is_dir():
        PAGE.write_text(table(kills), encoding="utf-8")
    _print(table(kills))
    return _exit_code(kills, _baseline())


def _kills(names: Sequence[str]) -> list[Kills]:
    """Every name in every mode; what an earlier run found is not run again."""
    progress = KnownResults(KEPT, "mutants")
    progress.run(kills_of, names)
    return [{row["mode"]: Kill.of(row) for row in progress.known(name) or ()} for name in names]


def _baseline() -> Mapping[str, list[str]]:
    """What is found in the unchanged proxy, by what was run."""
    progress = KnownResults(KEPT, "baseline")
    progress.run(baseline.found, baseline.RUNS)
    return {name: [str(row) for row in progress.known(name) or ()] for name in baseline.RUNS}


def survivors(kills: Sequence[Kills]) -> Iterator[str]:
    """The mutants that a bounded mode did not detect. Where only a warning can be given, it must have been."""
    for one in kills:
        if not one["full"].is_killed:
            yield f"full: {one['full'].mutant}"
        mutant = by_name(one["round"].mutant)
        is_warned = mutant.only_warned and (one["round"].warned_by or not is_met(mutant))
        if not one["round"].is_killed and not is_warned:
            yield f"round: {one['round'].mutant}"


def _exit_code(kills: Sequence[Kills], unsound: Mapping[str, Sequence[str]]) -> int:
    for name, found in unsound.items():
        if found:
            _print(f"{name} finds something in the unchanged proxy: {', '.join(found)}")
    left = list(survivors(kills))
    _print(f"survivors: {'; '.join(left)}" if left else "no survivor", summary(kills))
    return 1 if left or any(unsound.values()) else 0


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def run(argv: list[str]) -> int:
    """`main` with an exit code of its own, 2, for an unforeseen error: 1 means that a mutant survived."""
    try:
        return main(argv)
    except Exception as error:
        _print(f"could not run the mutants: {type(error).__name__}: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
