"""What the border of the state costs where the state is memory: CPU time, beside the last commit without it.

Both run under the present interpreter with the same libraries, in turns. Needs git and its history.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.refusal import earlier
from benchmarks.serving import Row

BEFORE = "740877f"
"""The last commit in which the world kept its state itself, and pickled entries."""
ROOT = Path(__file__).resolve().parent.parent
BOUND = 1.05
KINDS = {"refusal": 400, "repeated removal": 200, "new removal": 5}
"""Calls of one round, by kind (seam_target.py)."""
PAIRS, ROUNDS = 5, 8


def rows(quick: bool = False) -> Iterator[Row]:
    """One row for each kind; none where the commit is not there."""
    pairs, rounds = (1, 1) if quick else (PAIRS, ROUNDS)
    with earlier(BEFORE) as tree:
        if tree is None:
            print(f"seam: not measured, commit {BEFORE} is not in this repository", file=sys.stderr)
            return
        for kind, calls in {"refusal": 2}.items() if quick else KINDS.items():
            cpu_s = partial(_call_cpu_s, kind=kind, rounds=rounds, calls=calls)
            spent = [(cpu_s(ROOT), cpu_s(tree)) for _ in range(pairs)]
            ratios = [new_s / old_s for new_s, old_s in spent]
            new_us, old_us = (min(column) * 1e6 for column in zip(*spent, strict=True))
            note = f"{new_us:.0f} and {old_us:.0f} us; {min(ratios):.2f} to {max(ratios):.2f} in {pairs} pairs"
            yield Row(f"{kind} / {BEFORE}, CPU time", statistics.median(ratios), BOUND, note=note)


def _call_cpu_s(tree: Path, kind: str, rounds: int, calls: int) -> float:
    """CPU seconds per call by the code of that tree, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("seam_target.py")), kind, str(rounds), str(calls)]
    environ = os.environ | {"PYTHONPATH": str(tree)}
    return float(subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout)
