"""Conformance index and score, per target, with their trend over the last runs.

Index: the share of the contract's obligations that some case covers. Score: the share that
conformed when they were last run; a night runs a part, so the last known result of each one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..planning import obligations
from ..planning.planned import planned_cases
from ..runner.verdicts import Result
from . import history as past

SHOWN = 7
MEANING = (
    "Score: the share of the contract's obligations that conformed when they were last run; a night runs some of them. "
    "Index: the share that some case for this kind of target covers at all."
)
UNCOVERED = {
    "refuses": "keywords of the schemas that are broken on purpose",
    "accepts": "keywords of the schemas that a success meets",
    "class": "classes of pictures",
    "sentence": "sentences of the documents",
}
"""The kinds of obligation, by the first word of their names."""


@dataclass(frozen=True)
class Score:
    """Two shares of the universe of obligations, and the scores of earlier runs, oldest first."""

    index: float
    score: float
    trend: tuple[float, ...] = ()
    nights_unjudged: Mapping[str, int] = field(default_factory=dict)
    """Obligations that were planned and not judged, with the nights in a row."""
    since: Mapping[str, str] = field(default_factory=dict)
    """Checks that find drift, with the date of the first night."""

    def __str__(self) -> str:
        trend = " → ".join(f"{value:.0%}" for value in (*self.trend[-SHOWN:], self.score))
        return f"conformance index {self.index:.1%}, score {self.score:.1%} (trend {trend})"


def conformance_index(capabilities: frozenset[str]) -> float:
    """Of the cases that this kind of target can run at all."""
    return obligations.index(_covered(capabilities))


def uncovered(capabilities: frozenset[str]) -> str:
    """What the index lacks to a whole, in words; "" when nothing."""
    kinds = Counter(one.partition(" ")[0] for one in obligations.universe() - _covered(capabilities))
    rows = [f"{count} {UNCOVERED[kind]}" for kind, count in kinds.most_common()]
    return f"No case for this kind of target covers: {', '.join(rows)}." if rows else ""


@cache
def _covered(capabilities: frozenset[str]) -> frozenset[str]:
    cases = (
        case for case in planned_cases() if case.needs <= capabilities and (case.is_live or "paid" not in capabilities)
    )
    return frozenset(one for case in cases for one in case.obligations())


def keep_score(history: Path, target: str, capabilities: frozenset[str], date: str, results: Iterable[Result]) -> Score:
    """Append tonight's results to the history and give the score over all that is known."""
    earlier = past.known(history, target)
    now = earlier.after(results, date)
    conforming = {one for one, verdict in now.known.items() if verdict == "conform"}
    score = Score(conformance_index(capabilities), obligations.index(conforming), earlier.scores, now.unjudged,
                  {check: first[0] for check, first in now.since.items()})  # fmt: skip
    past.append(history, {"date": date, "target": target, "index": score.index, "score": score.score}, now)
    return score
