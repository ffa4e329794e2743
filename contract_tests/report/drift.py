"""Documents x live x mock, three ways, and live x last night.

documents = live   live = mock    diagnosis
yes                yes            no drift
yes                no             the mock differs
no                 yes            the documents drifted and the mock follows: record an overlay
no                 no             the provider changed, or differs: open

The mock agrees with a live finding only when it shows the same finding: equal shapes say nothing about pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import contract
from ..model import Finding
from ..runner.verdicts import Result
from .shape import ShapeDifference, differences, shape_of

DIAGNOSES = {
    (True, True): "no drift",
    (True, False): "the mock differs: live agrees with the documents and answers in another form",
    (False, True): "the documents drifted, and the mock follows the service already: record an overlay",
    (False, False): "the provider changed, or is not what the documents describe: open",
}


@dataclass(frozen=True)
class Drift:
    """What one case shows when documents, target and mock are compared."""

    case_id: str
    diagnosis: str
    findings: tuple[Finding, ...]
    against_mock: tuple[ShapeDifference, ...]
    against_last: tuple[ShapeDifference, ...]
    quote: str

    @property
    def severity(self) -> str:
        """The severity "error" if one finding has it, else "warn"."""
        return "error" if any(finding.severity == "error" for finding in self.findings) else "warn"


def three_ways(
    live: Iterable[Result], mock: Mapping[str, Result], last: Mapping[str, Mapping[str, Any]]
) -> list[Drift]:
    """Every case that shows a drift of some kind."""
    compared = (_one(result, mock.get(result.case_id), last) for result in live if result.verdict != "inconclusive")
    return [drift for drift in compared if drift.diagnosis != DIAGNOSES[True, True] or drift.against_last]


def shapes(results: Iterable[Result]) -> dict[str, dict[str, Any]]:
    """The shape of every answer, by case id and the name of the request in it."""
    return {f"{result.case_id}/{name}": shape_of(exchange) for result in results for name, exchange in result.exchanges}


def _one(live: Result, mock: Result | None, last: Mapping[str, Mapping[str, Any]]) -> Drift:
    mine, theirs = shapes([live]), shapes([mock]) if mock else {}
    against_mock = _compared(mine, theirs)
    is_documented = not _errors(live)
    same_findings = _errors(live) <= {one.check for one in (mock.findings if mock else ())}
    agrees = same_findings and not [one for one in against_mock if one.severity == "error"]
    quote = "; ".join(dict.fromkeys(contract.quote(finding.source) for finding in live.findings))
    return Drift(
        live.case_id, DIAGNOSES[is_documented, agrees], live.findings, against_mock, _compared(mine, last), quote
    )


def _errors(result: Result) -> set[str]:
    return {finding.check for finding in result.findings if finding.severity == "error"}


def _compared(
    mine: Mapping[str, Mapping[str, Any]], others: Mapping[str, Mapping[str, Any]]
) -> tuple[ShapeDifference, ...]:
    found = (one for name in mine if name in others for one in differences(mine[name], others[name]))
    return tuple(dict.fromkeys(found))
