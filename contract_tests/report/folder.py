"""One run in its report folder: its row of the history, its files, and what is deleted of older nights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..runner.verdicts import Result
from ..targets import Target
from . import write
from .drift import three_ways
from .history import HISTORY, keep_recordings, only_one
from .prune import prune
from .score import Score, keep_score


def report(
    folder: Path,
    target: Target,
    run: dict[str, Any],
    results: list[Result],
    mock: dict[str, Result],
    interrupted: Callable[[], dict[str, str]],
    keep_nights: int,
) -> Score:
    """Write everything. `mock` holds what the mock shows of the same cases, `interrupted` names the signal that came.

    A signal that comes meanwhile is told too: what the report says is the exit code.
    """
    with only_one(folder):
        last, past = write.last_shapes(folder), folder / HISTORY
        drifts = three_ways(results, mock, last)
        score = keep_score(past, target.name, target.capabilities, run["date"], results)
        run.update(interrupted())
        recordings = write.write(folder, results, drifts, score, run)
        prune(folder, keep_recordings(past, target.name, recordings, keep_nights))
        if not run.keys() >= (told := interrupted()).keys():
            run.update(told)
            write.write_verdict(folder, results, drifts, score, run, recordings)
        return score
