"""A refusal in process: CPU time of the present code, as a share of an earlier commit's, both in one run.

The earlier commit is checked out beside the present tree with `git worktree` and removed at the end. Both run under the
present interpreter with the same libraries, in turns, each turn in a process of its own. Measured is what the server
does for one request besides reading and writing the socket: from the bytes of the head to the reported reply.
Needs git and its history: without them, as in a source archive, there are no rows.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.refusal_target import KINDS
from benchmarks.serving import Row

BEFORE = "70b0134"
"""The last commit in which calls passed through WSGI on their way to the service."""
ROOT = Path(__file__).resolve().parent.parent
BOUNDS = {"without a req_key": 0.85, "of the schema": 0.9}
"""By kind. Two fifths of a refusal of the schema are jsonschema's, in both commits."""
PAIRS, WARM_UP = 7, 1500


def rows(quick: bool = False) -> Iterator[Row]:
    pairs, warm_up = (1, 3) if quick else (PAIRS, WARM_UP)
    with earlier(BEFORE) as tree:
        if tree is None:
            print(f"refusal: not measured, commit {BEFORE} is not in this repository", file=sys.stderr)
            return
        for kind in KINDS:
            spent = [(_refusal_cpu_s(ROOT, kind, warm_up), _refusal_cpu_s(tree, kind, warm_up)) for _ in range(pairs)]
            ratios = [new_s / old_s for new_s, old_s in spent]
            new_us, old_us = (statistics.median(column) * 1e6 for column in zip(*spent, strict=True))
            note = f"{new_us:.0f} and {old_us:.0f} us; {min(ratios):.2f} to {max(ratios):.2f} in {pairs} pairs"
            yield Row(f"refusal {kind} / {BEFORE}, CPU time", statistics.median(ratios), BOUNDS[kind], note=note)


@contextlib.contextmanager
def earlier(commit: str) -> Iterator[Path | None]:
    """A checkout of that commit in a temporary folder; None without git or without that commit."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        is_there = _git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield tree if is_there else None
        finally:
            if is_there:
                _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> bool:
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _refusal_cpu_s(tree: Path, kind: str, warm_up: int) -> float:
    """CPU seconds per refusal by the code of that tree, in a process of its own."""
    program = str(Path(__file__).with_name("refusal_target.py"))
    command = [sys.executable, program, "new" if tree == ROOT else "old", kind, str(warm_up)]
    environ = os.environ | {"PYTHONPATH": str(tree)}
    return float(subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout)
