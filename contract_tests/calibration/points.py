"""The open points as the suite reads them from schemas/: alternatives, what each would answer, and the probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .. import contract


@dataclass(frozen=True)
class Point:
    """An open point. `answers`: alternative -> what the probe then gives. `rule` is set when it is about an answer.

    The first alternative is the one that the mock plays by default.
    """

    id: str
    probe: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    contradicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: tuple[str, ...] = ()

    @property
    def served(self) -> str:
        """The alternative that is played by default."""
        return contract.row_for_rule(self.rule).id if self.rule else next(iter(self.answers))

    @property
    def endpoint(self) -> str:
        """The endpoint at which the probe means something; "" for both."""
        return next((str(asked["endpoint"]) for asked in self.probe.values() if "endpoint" in asked), "")

    @property
    def cost(self) -> int:
        """The paid calls that the probe needs where the default alternative is played."""
        return self.cost_of(self.served)

    def cost_of(self, alternative: str) -> int:
        """The paid calls that the probe needs where this is played: none when it refuses the first request."""
        if self.rule:
            return 0
        first = self.answers[alternative]
        return 0 if "refused" in (first.values() if isinstance(first, dict) else (first,)) else len(self.probe)


@cache
def points() -> Mapping[str, Point]:
    """Every point with a probe, by its id: those of no cost first."""
    rows = [row for row in contract.read("divergences.json")["rows"] if "probe" in row]
    found = [_of_divergence(row) for row in rows]
    found += [_of_answer(row) for row in contract.read("codes.json")["open_answers"]["points"]]
    return {point.id: point for point in sorted(found, key=lambda point: point.cost)}


@cache
def without_probe() -> Mapping[str, str]:
    """The points that no request can tell apart, with the reason."""
    return {row["id"]: row["no_probe"] for row in contract.read("divergences.json")["rows"] if "no_probe" in row}


def _of_divergence(row: Mapping[str, Any]) -> Point:
    rule, alternatives = row.get("rule", ""), row["alternatives"]
    contradicts = {each["id"]: tuple(each["contradicts"]) for each in alternatives if "contradicts" in each}
    name, probe, source = row["id"], row["probe"], tuple(row["source"])
    if rule:
        named = {one["rows"][rule]: one["id"] for one in alternatives}
        return Point(name, probe, rule=rule, named=named, source=source)
    answers = {one["id"]: one["answer"] for one in alternatives}
    return Point(name, probe, answers, contradicts=contradicts, source=source)


def _of_answer(row: Mapping[str, Any]) -> Point:
    return Point(f"answer-{row['rule'].replace('_', '-')}", row["probe"], rule=row["rule"])
