"""Findings by the sentence they contradict: one deviation found in fifty answers is one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .. import contract
from ..model import Finding
from ..runner.session import EXPECTATION
from ..runner.verdicts import Result

SHOWN = 6


@dataclass(frozen=True)
class Group:
    """All findings of one check, the first of them in full."""

    check: str
    findings: tuple[Finding, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids of the cases that found it, each once."""
        return tuple(dict.fromkeys(finding.case_id for finding in self.findings))

    @property
    def quote(self) -> str:
        """The quoted words of the sentence."""
        return contract.quote(self.findings[0].source)

    def lines(self) -> list[str]:
        """For a terminal: what, where, and the documents' own words."""
        others = f" and {len(self.cases) - SHOWN} more" if len(self.cases) > SHOWN else ""
        return [
            f"drift  {self.check}: {self.findings[0].text}",
            f"       in {', '.join(self.cases[:SHOWN])}{others}",
            *([f"       the documents say: {self.quote}"] if self.quote else []),
        ]


def grouped(results: Iterable[Result]) -> list[Group]:
    """The checks that found an error, those with the most cases first."""
    found: dict[str, list[Finding]] = {}
    for result in results:
        for finding in result.findings:
            if finding.severity == "error":
                found.setdefault(finding.check, []).append(finding)
    groups = [Group(check, tuple(findings)) for check, findings in found.items()]
    return sorted(groups, key=lambda group: (-len(group.cases), group.check))


def by_cause(groups: Iterable[Group]) -> list[tuple[Group, ...]]:
    """Groups that concern the same cases together: one cause contradicts several sentences at once.

    That an answer was not the expected one is the most general of them, and comes last.
    """
    found: dict[frozenset[str], list[Group]] = {}
    for group in groups:
        found.setdefault(frozenset(group.cases), []).append(group)
    return [tuple(sorted(some, key=lambda group: group.check == EXPECTATION)) for some in found.values()]
