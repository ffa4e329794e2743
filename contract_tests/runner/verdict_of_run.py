"""What a whole run says: a few lines and an exit code. 0 conform, 1 drift, 2 could not be decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..planning.cases import COMPARISON_FAILED
from ..report.groups import grouped
from .output import write_lines
from .verdicts import Result

CONFORM, DRIFT, UNDECIDED = 0, 1, 2
SHOWN = 8


def conclude(run: dict[str, Any], results: Sequence[Result]) -> int:
    """Print what drifted, what was inconclusive and why, and the counts; give the exit code."""
    drifting = [result for result in results if result.verdict == "drift"]
    undecided = [result for result in results if result.verdict == "inconclusive"]
    conform = len(results) - len(drifting) - len(undecided)
    write_lines(*(line for group in grouped(drifting) for line in group.lines()))
    write_lines(*(f"inconclusive: {line}" for line in reasons(undecided)))
    counts = f"{conform} conform, {len(drifting)} drift, {len(undecided)} inconclusive"
    write_lines(*run["remarks"], f"{run['target']}: {counts}")
    if drifting:
        return DRIFT
    ended = any(one.reason == "unwelcome" or one.reason.startswith(COMPARISON_FAILED) for one in undecided)
    return CONFORM if conform and not ended else UNDECIDED


def reasons(results: Sequence[Result]) -> list[str]:
    """Each reason once: what was found the first time, how many cases it concerns, and which."""
    by_reason: dict[str, list[Result]] = {}
    for result in results:
        by_reason.setdefault(result.reason, []).append(result)
    return [_reason(reason, by_reason[reason]) for reason in sorted(by_reason)]


def _reason(reason: str, results: Sequence[Result]) -> str:
    notes = [one.text for result in results for one in result.findings if one.check == reason]
    names = ", ".join(result.case_id for result in results[:SHOWN])
    more = f" and {len(results) - SHOWN} more" if len(results) > SHOWN else ""
    count = f"{len(results)} case{'s' if len(results) > 1 else ''}"
    return f"{reason}{': ' + notes[0] if notes else ''} ({count}: {names}{more})"
