"""The summary for whoever is paged: the verdict, what to do, and the evidence beside each claim.

One cause is told once. Everything in full is in results.json; this page stays below `LIMIT` characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from volcv_mock.recording.exchanges import match_key

from .. import grades
from ..checks import CHECKS
from ..checks.request_id_shape import top_id
from ..model import Exchange
from ..runner.contact import NO_CONTACT
from ..runner.judged import Judged, judged
from ..runner.verdict_of_run import Conclusion, conclusion, reasons
from ..runner.verdicts import Result
from .drift import Drift
from .evidence import evidence
from .groups import Group, by_cause, grouped
from .not_judged import TO_DO
from .score import MEANING, Score, uncovered

LIMIT = 60_000
CELL = 300
SHOWN_CASES = 6
SHOWN_CAUSES = 3
WORDS = {
    "drift": "The target contradicts the documents, or what was measured. Compare each section below with the exchange "
    "it names. If the change is wanted, accept it for a while with --deviations; else report it to the provider with "
    "the request ids.",
    "could not judge": TO_DO,
    "conform": "Nothing to do.",
}


@dataclass(frozen=True)
class RunFacts:
    """What the page says of the run itself."""

    target: str
    remarks: Sequence[str] = ()
    capabilities: frozenset[str] = frozenset()
    lines: Mapping[str, str] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)

    def conclusion(self, results: Sequence[Result], how_much: Judged) -> Conclusion:
        """What the run says as a whole."""
        return conclusion(self.run, results, how_much)


def facts_of(run: Mapping[str, Any]) -> RunFacts:
    """The night, the address and what was spent, as far as a run has them."""
    lines: dict[str, str] = {}
    if "date" in run:
        night = f", night {run['night']} of {run['nights']}" if "night" in run else ""
        lines["Run"] = f"{run['date']} (UTC){night}"
    if run.get("base_url"):
        lines["Address"] = str(run["base_url"])
    if "budget" in run:
        lines["Spent"] = f"{run.get('spent_today', '?')} of {run['budget']} paid calls today"
    return RunFacts(run["target"], tuple(run.get("remarks", ())), frozenset(run.get("capabilities", ())), lines, run)


def markdown(results: Sequence[Result], drifts: Sequence[Drift], score: Score, facts: RunFacts | str) -> str:
    """The page. `facts` may be the name of a target alone."""
    facts = RunFacts(facts) if isinstance(facts, str) else facts
    how_much = judged(results, score.nights_unjudged)
    lines = [
        *_head(results, how_much, facts),
        *_drift(results, drifts, score),
        *_warnings(results),
        *_unjudged(results),
        *_differences(drifts),
        *_grades(facts),
        *(_score(score, facts) if any(one.is_judged for one in results) else []),
    ]
    return shortened("\n".join(lines) + "\n")


def _score(score: Score, facts: RunFacts) -> list[str]:
    lacking = uncovered(facts.capabilities) if facts.capabilities else ""
    return ["## Score", "", f"{score}.", "", MEANING, *([lacking] if lacking else [])]


def shortened(text: str) -> str:
    """Cut at a line, with a note, where a page would be too long for a CI page or an issue."""
    if len(text) <= LIMIT:
        return text
    note = "\n\n(shortened; results.json has everything)\n"
    return text[: text.rindex("\n", 0, LIMIT - len(note))] + note


def _head(results: Sequence[Result], how_much: Judged, facts: RunFacts) -> list[str]:
    counts = Counter(result.verdict for result in results)
    concluded = facts.conclusion(results, how_much)
    word, lacking = concluded.word, concluded.lacking
    told = {"drift": _drift_lines(results), "could not judge": _cause_lines(results, lacking, facts)}.get(word, [])
    return [
        f"# CVProcess contract, {facts.target}: {word}; {how_much}",
        "",
        WORDS[word],
        "",
        *(f"- {line}" for line in told),
        *([""] if told else []),
        *(f"- {name}: {value}" for name, value in facts.lines.items()),
        f"- Cases: {counts['conform']} conform, {counts['drift']} drift, {counts['inconclusive']} inconclusive",
        *([f"- Too little was judged besides: {'; '.join(lacking)}"] if word == "drift" and lacking else []),
        "",
        *(f"> {remark}" for remark in facts.remarks),
        *([""] if facts.remarks else []),
    ]


def _drift_lines(results: Sequence[Result]) -> list[str]:
    causes = by_cause(grouped(one for one in results if one.verdict == "drift"))
    return [f"{', '.join(one.check for one in some)} in {_names(some[0].cases)}" for some in causes[:SHOWN_CASES]]


def _cause_lines(results: Sequence[Result], lacking: Sequence[str], facts: RunFacts) -> list[str]:
    """First what kept most cases from being judged, then what is lacking for it."""
    causes = [] if facts.run.get(NO_CONTACT) else reasons([one for one in results if not one.is_judged])
    return list(dict.fromkeys(_cell(line) for line in (*causes[:SHOWN_CAUSES], *lacking)))


def _drift(results: Sequence[Result], drifts: Sequence[Drift], score: Score) -> list[str]:
    """One section per cause: what was found, the documents' words, since when, and the evidence."""
    drifting = [one for one in results if one.verdict == "drift"]
    by_case = {one.case_id: one for one in drifting}
    diagnoses = {one.case_id: one.diagnosis for one in drifts}
    lines = ["## Drift", ""] if drifting else []
    for group, *others in by_cause(grouped(drifting)):
        lines += _section(group, others, by_case, diagnoses, score)
    return lines


def _section(
    group: Group, others: Sequence[Group], by_case: Mapping[str, Result], diagnoses: Mapping[str, str], score: Score
) -> list[str]:
    first = group.findings[0]
    proofs = [one for finding in group.findings for one in evidence(finding, by_case[finding.case_id].exchanges)]
    ids = list(dict.fromkeys(_request_ids(proofs)))
    files = list(dict.fromkeys(_file(exchange) for exchange in proofs))
    diagnosis = diagnoses.get(first.case_id, "")
    return [
        f"### {group.check}",
        "",
        f"- Found: {_cell(first.text)}",
        f"- {_basis(group)}",
        *(f"- Also `{one.check}`: {_cell(one.findings[0].text)}; {_basis(one)}" for one in others),
        f"- In {len(group.cases)} case{'s' if len(group.cases) > 1 else ''}: {_names(group.cases)}",
        f"- Since: {score.since.get(group.check, 'tonight')}",
        *([f"- Request ids: {', '.join(ids[:SHOWN_CASES])}"] if ids else []),
        *([f"- Evidence: {', '.join(files[:SHOWN_CASES])}"] if files else []),
        *([f"- Compared with the mock: {diagnosis}"] if diagnosis else []),
        "",
    ]


def _request_ids(exchanges: Iterable[Exchange]) -> Iterator[str]:
    for exchange in exchanges:
        if isinstance(found := top_id(exchange), str):
            yield f"`{_cell(found)[:80]}`"


def _file(exchange: Exchange) -> str:
    """Where the recorder keeps an exchange; its repetitions have a number behind the name."""
    return f"exchanges/{exchange.case_id or 'free'}-{match_key(exchange.sent)[:16]}.json"


def _warnings(results: Sequence[Result]) -> list[str]:
    """What contradicts a sentence that no live target is held to."""
    found: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for finding in (one for result in results if result.is_judged for one in result.findings):
        if finding.severity == "warn":
            found.setdefault(finding.check, []).append(finding.case_id)
            texts.setdefault(finding.check, f"{_cell(finding.text)} ({finding.grade})")
    rows = [f"- `{check}`: {texts[check]}, in {_names(list(dict.fromkeys(names)))}" for check, names in found.items()]
    return ["## Warnings: no document promises these", "", *rows, ""] if rows else []


def _unjudged(results: Sequence[Result]) -> list[str]:
    rows = [f"- {_cell(line)}" for line in reasons([one for one in results if not one.is_judged])]
    return ["## Not judged", "", *rows, ""] if rows else []


def _differences(drifts: Sequence[Drift]) -> list[str]:
    """Differences in form, each once: from the mock where nothing drifted, and from the last night."""
    quiet = [one for one in drifts if one.severity != "error"]
    from_mock = ((one.case_id, str(difference)) for one in quiet for difference in one.against_mock)
    from_last = ((one.case_id, str(difference)) for one in drifts for difference in one.against_last)
    rows = [*_counted("from the mock", from_mock), *_counted("from the last night", from_last)]
    return ["## Differences in form", "", *rows, ""] if rows else []


def _counted(what: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for case, text in pairs:
        found.setdefault(text, []).append(case)
    return [f"- {what}: {_cell(text)}, in {_names(list(dict.fromkeys(cases)))}" for text, cases in found.items()]


def _grades(facts: RunFacts) -> list[str]:
    """How sure each check is, and what a contradiction of it means for this target."""
    if not facts.capabilities:
        return []
    words = {"error": "drift", "warn": "a warning"}
    rows = [
        f"| `{one.name}` | {one.grade} | {words[grades.severity(one.name, one.grade, facts.capabilities)]} |"
        for one in CHECKS
    ]
    return ["## Checks", "", "| check | grade | a contradiction is |", "|---|---|---|", *rows, ""]


def _basis(group: Group) -> str:
    """What the finding rests on: words of the documents or, for what was measured, the sentence itself."""
    first = group.findings[0]
    return f"The documents say ({first.grade}): {_cell(group.quote)}" if group.quote else f"Expected: {first.sentence}"


def _names(cases: Sequence[str]) -> str:
    more = f" and {len(cases) - SHOWN_CASES} more" if len(cases) > SHOWN_CASES else ""
    return f"{', '.join(cases[:SHOWN_CASES])}{more}"


def _cell(text: str) -> str:
    """One line without line ends or table bars, cut to `CELL` characters."""
    line = " ".join(text.replace("|", "\\|").split())
    return line if len(line) <= CELL else line[: CELL - 3] + "..."
