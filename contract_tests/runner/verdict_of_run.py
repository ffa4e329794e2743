"""What a whole run says: a few lines and an exit code. 0 conform, 1 drift, 2 could not be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..exit_codes import CONFORM, DRIFT, UNDECIDED, WORDS
from ..model import Finding, Verdict
from ..planning.cases import COMPARISON_FAILED
from ..planning.kinds import DRAWN
from ..report.groups import grouped
from .contact import NO_CONTACT
from .judged import Judged, judged
from .options import MIN_JUDGED
from .output import write_lines
from .stopping import INTERRUPTED
from .verdicts import Result

SHOWN = 8


@dataclass(frozen=True)
class Conclusion:
    """What a run says as a whole: its exit code, and why it is no proof of conformance."""

    code: int
    lacking: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The exit code as a word."""
        return WORDS[self.code]


def conclusion(run: Mapping[str, Any], results: Sequence[Result], how_much: Judged | None = None) -> Conclusion:
    """Drift is drift however little was judged. Without drift, a run that judged too little could not judge.

    The facts of a run say which signal ended it, if one did: what was left out is not judged. They also say why the
    API was not reached, if it was not: then nothing else is worth a line.
    """
    if run.get(NO_CONTACT):
        return Conclusion(UNDECIDED, (run[NO_CONTACT],))
    minimum = run.get("min_judged", MIN_JUDGED)
    interrupted = [run[INTERRUPTED]] if run.get(INTERRUPTED) else []
    lacking = (*interrupted, *why_undecided(results, how_much or judged(results), minimum))
    if any(result.verdict == "drift" for result in results):
        return Conclusion(DRIFT, lacking)
    return Conclusion(UNDECIDED if lacking else CONFORM, lacking)


def conclude(run: Mapping[str, Any], results: Sequence[Result], how_much: Judged | None = None) -> int:
    """Print what drifted, what was inconclusive and why, and the counts; give the exit code."""
    drifting = [result for result in results if result.verdict == "drift"]
    undecided = [result for result in results if result.verdict == "inconclusive"]
    conform = len(results) - len(drifting) - len(undecided)
    write_lines(*(line for group in grouped(drifting) for line in group.lines()))
    write_lines(*(f"inconclusive: {line}" for line in reasons(undecided) if not run.get(NO_CONTACT)))
    counts = f"{conform} conform, {len(drifting)} drift, {len(undecided)} inconclusive"
    how_much = how_much or judged(results)
    concluded = conclusion(run, results, how_much)
    write_lines(*(f"could not judge: {line}" for line in concluded.lacking), str(how_much))
    write_lines(*run["remarks"], f"{run['target']}: {counts}")
    return concluded.code


def as_result(code: int, reason: str = "") -> Result:
    """The drawn requests as one case: their own output says which of them drifted, or why nothing was decided."""
    verdicts: tuple[Verdict, ...] = ("conform", "drift", "inconclusive")
    text = "a drawn request was answered otherwise than expected; the output of the run shows which"
    found = Finding(DRAWN, text, "H-choice", "every drawn request is answered as the contract says", DRAWN)
    findings = (found,) if code == DRIFT else ()
    reason = (reason or "the drawn requests could not be decided") if code == UNDECIDED else ""
    return Result(DRAWN, verdicts[code], findings, reason, parts=frozenset({(DRAWN, "")}))


def code_of(results: Sequence[Result], minimum: float) -> int:
    """The exit code of a run with these results."""
    return conclusion({"min_judged": minimum}, results).code


def why_undecided(results: Sequence[Result], how_much: Judged, minimum: float) -> list[str]:
    """Why a run without drift is no proof of conformance; empty when it is one."""
    undecided = [one for one in results if not one.is_judged]
    ended = [one for one in undecided if one.reason == "unwelcome" or one.reason.startswith(COMPARISON_FAILED)]
    nothing = [] if len(undecided) < len(results) else ["no case was judged"]
    return [*nothing, *reasons(ended), *how_much.lacking(minimum)]


def reasons(results: Sequence[Result]) -> list[str]:
    """Each reason once, that of most cases first: what was found, how many cases it concerns, and which."""
    by_reason: dict[str, list[Result]] = {}
    for result in results:
        by_reason.setdefault(result.reason, []).append(result)
    by_count = sorted(by_reason, key=lambda reason: (-len(by_reason[reason]), reason))
    return [_reason(reason, by_reason[reason]) for reason in by_count]


def _reason(reason: str, results: Sequence[Result]) -> str:
    notes = [one.text for result in results for one in result.findings if one.check == reason]
    names = ", ".join(result.case_id for result in results[:SHOWN])
    more = f" and {len(results) - SHOWN} more" if len(results) > SHOWN else ""
    count = f"{len(results)} case{'s' if len(results) > 1 else ''}"
    return f"{reason}{': ' + notes[0] if notes else ''} ({count}: {names}{more})"
