"""python -m contract_tests.mutants [NAME ...]: run the suite against the mutants and write docs/mutants.md.

Exit 0 when the full suite and a round of nights detect every mutant and find nothing in the baseline, 1 when not,
2 on an error. A run that was ended goes on where it ended.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from .kill import MODES, Kill, run_against_named
from .progress import Progress
from .registry import BASELINE, MUTANTS
from .table import Kills, summary, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
KEPT = Path(".mutants.jsonl")
WORKERS = 2
BOUND = ("full", "round")
"""The modes that must detect every mutant."""


def main(argv: list[str]) -> int:
    """Run against all mutants, or those named, and the baseline: findings there would prove nothing."""
    started, progress = time.perf_counter(), Progress(KEPT)
    names = argv or [mutant.name for mutant in MUTANTS]
    found = {(kill.mutant, kill.mode): kill for kill in _kills([BASELINE.name, *names], progress)}
    kills: list[Kills] = [{mode: found[name, mode] for mode in MODES} for name in names]
    if not argv and PAGE.parent.is_dir():
        PAGE.write_text(table(kills), encoding="utf-8")
    _print(table(kills), f"{time.perf_counter() - started:.0f} s")
    progress.done()
    return _exit_code(kills, [found[BASELINE.name, mode] for mode in MODES])


def _kills(names: Sequence[str], progress: Progress) -> Iterator[Kill]:
    """Every name in every mode; what an earlier run found is not run again."""
    wanted = [(name, mode) for name in names for mode in MODES]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        left = []
        for name, mode in wanted:
            if kill := progress.known(name, mode):
                yield kill
            else:
                left.append(pool.submit(run_against_named, name, mode))
        for done in as_completed(left):
            progress.note(done.result())
            yield done.result()


def _exit_code(kills: Sequence[Kills], baseline: Sequence[Kill]) -> int:
    unsound = [kill for kill in baseline if kill.others]
    for kill in unsound:
        _print(f"{kill.mode} finds something in the unchanged proxy: {', '.join(kill.others)}")
    survivors = [f"{mode}: {one[mode].mutant}" for mode in BOUND for one in kills if not one[mode].is_killed]
    _print(f"survivors: {'; '.join(survivors)}" if survivors else "no survivor", summary(kills))
    return 1 if survivors or unsound else 0


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
