"""Conformance index and score, per target, with their trend over the last runs.

Index: the share of the contract's obligations that some case covers. Score: the share that
conformed when they were last run; a night runs a part, so the last known result of each one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..planning import obligations
from ..planning.planned import planned_cases
from ..runner.verdicts import Result

SHOWN = 7


@dataclass(frozen=True)
class Score:
    """Two shares of the universe of obligations, and the scores of earlier runs, oldest first."""

    index: float
    score: float
    trend: tuple[float, ...] = ()

    def __str__(self) -> str:
        trend = " → ".join(f"{value:.0%}" for value in (*self.trend[-SHOWN:], self.score))
        return f"conformance index {self.index:.1%}, score {self.score:.1%} (trend {trend})"


def conformance_index(capabilities: frozenset[str]) -> float:
    """Of the cases that this kind of target can run at all."""
    cases = (
        case for case in planned_cases() if case.needs <= capabilities and (case.is_live or "paid" not in capabilities)
    )
    return obligations.index(one for case in cases for one in case.obligations())


def keep_score(history: Path, target: str, capabilities: frozenset[str], date: str, results: Iterable[Result]) -> Score:
    """Append tonight's results to the history and give the score over all that is known."""
    earlier = _rows(history, target)
    known: dict[str, str] = dict(earlier[-1]["known"]) if earlier else {}
    for result in results:
        known.update(
            dict.fromkeys(sorted(result.obligations), result.verdict) if result.verdict != "inconclusive" else {}
        )
    conforming = {one for one, verdict in known.items() if verdict == "conform"}
    score = Score(
        conformance_index(capabilities), obligations.index(conforming), tuple(row["score"] for row in earlier)
    )
    history.parent.mkdir(parents=True, exist_ok=True)
    row = {"date": date, "target": target, "index": score.index, "score": score.score, "known": known}
    with history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    return score


def _rows(history: Path, target: str) -> list[dict[str, Any]]:
    if not history.exists():
        return []
    rows = (json.loads(line) for line in history.read_text(encoding="utf-8").splitlines() if line.strip())
    return [row for row in rows if row["target"] == target]
