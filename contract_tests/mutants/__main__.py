"""python -m contract_tests.mutants [NAME ...]: run the suite against the mutants and write docs/mutants.md.

Exit 0 when the full suite detects every mutant and finds nothing in the baseline, 1 when not, 2 on an error.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .kill import Kill, run_against_named
from .registry import BASELINE, MUTANTS
from .table import summary, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
WORKERS = 2


def main(argv: list[str]) -> int:
    """Run against all mutants, or those named. The baseline goes first: findings there would prove nothing."""
    started = time.perf_counter()
    names = argv or [mutant.name for mutant in MUTANTS]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        baseline = pool.map(run_against_named, [BASELINE.name] * 2, ["full", "live"])
        full = pool.map(run_against_named, names, ["full"] * len(names))
        live = pool.map(run_against_named, names, ["live"] * len(names))
        unsound = [kill for kill in baseline if kill.others]
        kills = list(zip(full, live, strict=True))
    text = table(kills)
    if not argv and PAGE.parent.is_dir():
        PAGE.write_text(text, encoding="utf-8")
    _print(text, f"{time.perf_counter() - started:.0f} s")
    return _exit_code(kills, unsound)


def _exit_code(kills: list[tuple[Kill, Kill]], unsound: list[Kill]) -> int:
    for kill in unsound:
        _print(f"the {kill.suite} suite finds something in the unchanged proxy: {', '.join(kill.others)}")
    survivors = [full.mutant for full, _ in kills if not full.is_killed]
    _print(f"survivors: {', '.join(survivors)}" if survivors else f"no survivor. {summary(kills)}")
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
