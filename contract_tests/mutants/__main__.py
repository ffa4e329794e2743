"""python -m contract_tests.mutants [NAME ...]: hunt the mutants and write docs/mutants.md.

Exit 0 when the full suite leaves no survivor and accuses nobody innocent, else 1.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .kill import Kill, hunt_named
from .registry import BASELINE, MUTANTS
from .table import summary, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
WORKERS = 2


def main(argv: list[str]) -> int:
    """Hunt all, or those named. The innocent goes first: a suite that accuses it proves nothing."""
    started = time.perf_counter()
    names = argv or [mutant.name for mutant in MUTANTS]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        baseline = pool.map(hunt_named, [BASELINE.name] * 2, ["full", "live"])
        full = pool.map(hunt_named, names, ["full"] * len(names))
        live = pool.map(hunt_named, names, ["live"] * len(names))
        accused = [kill for kill in baseline if kill.others]
        kills = list(zip(full, live, strict=True))
    text = table(kills)
    if not argv and PAGE.parent.is_dir():
        PAGE.write_text(text, encoding="utf-8")
    _print(text, f"{time.perf_counter() - started:.0f} s")
    return _judge(kills, accused)


def _judge(kills: list[tuple[Kill, Kill]], accused: list[Kill]) -> int:
    for kill in accused:
        _print(f"the innocent proxy is accused by the {kill.suite} suite: {', '.join(kill.others)}")
    survivors = [full.mutant for full, _ in kills if not full.is_killed]
    _print(f"survivors: {', '.join(survivors)}" if survivors else f"no survivor. {summary(kills)}")
    return 1 if survivors or accused else 0


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
