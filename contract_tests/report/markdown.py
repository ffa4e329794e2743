"""The summary for a CI page: verdicts, what drifted, in the documents' own words, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..runner.judged import judged
from ..runner.options import MIN_JUDGED
from ..runner.verdict_of_run import why_undecided
from ..runner.verdicts import Result
from .drift import Drift
from .groups import grouped
from .score import Score


def markdown(
    results: Sequence[Result],
    drifts: Sequence[Drift],
    score: Score,
    target: str,
    remarks: Sequence[str] = (),
    minimum: float = MIN_JUDGED,
) -> str:
    """The summary as Markdown; `remarks` stand below the score."""
    counts = Counter(result.verdict for result in results)
    how_much = judged(results, score.nights_unjudged)
    lacking = why_undecided(results, how_much, minimum)
    word = "drift" if counts["drift"] else "could not judge" if lacking else "conform"
    lines = [
        f"# CVProcess contract, {target}: {word}; {how_much}",
        "",
        *(f"- could not judge: {line}" for line in lacking),
        "",
        f"{counts['conform']} conform, {counts['drift']} drift, {counts['inconclusive']} inconclusive.",
        "",
        f"{score}.",
        "",
    ]
    lines += [f"> {remark}" for remark in remarks] + ([""] if remarks else [])
    lines += _groups(results)
    for drift in drifts:
        lines += _drift(drift)
    lines += _inconclusive(results)
    return "\n".join(lines) + "\n"


def _groups(results: Sequence[Result]) -> list[str]:
    """One row per sentence contradicted, before the cases one by one."""
    rows = [
        f"| `{group.check}` | {len(group.cases)} | {_cell(group.findings[0].text)} | {_cell(group.quote)} |"
        for group in grouped(one for one in results if one.verdict == "drift")
    ]
    head = ["| check | cases | found | the documents say |", "|---|---|---|---|"]
    return [*head, *rows, ""] if rows else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _drift(drift: Drift) -> list[str]:
    lines = [f"## {drift.case_id}: {drift.severity}", "", drift.diagnosis + ".", ""]
    lines += [f"- `{finding.check}`: {finding.text}" for finding in drift.findings]
    lines += [f"- against the mock: {one} ({one.severity})" for one in drift.against_mock]
    lines += [f"- against last night: {one} ({one.severity})" for one in drift.against_last]
    return [*lines, *(["", f"The documents say: {drift.quote}"] if drift.quote else []), ""]


def _inconclusive(results: Sequence[Result]) -> list[str]:
    rows = [result for result in results if result.verdict == "inconclusive"]
    return ["## Inconclusive", "", *(f"- {one.case_id}: {one.reason}" for one in rows), ""] if rows else []
