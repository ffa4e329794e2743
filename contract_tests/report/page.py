"""The HTML report: one file without links. A summary with the trend, then each case with its exchanges and pictures.

Conforming cases are collapsed; filters by verdict, operation and text need no server. Style and script: page_look.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import get_args

from ..exit_codes import UNDECIDED
from ..model import Verdict
from ..runner.judged import judged
from ..runner.verdicts import Result
from .groups import Group, by_cause, grouped
from .markdown import SHOWN_CASES, RunFacts
from .page_case import PagePictures, case, operations_of
from .page_look import SCRIPT, STYLE
from .score import MEANING, Score

ORDER: tuple[Verdict, ...] = ("drift", "inconclusive", "conform")
assert set(ORDER) == set(get_args(Verdict))
MEANINGS = {
    "drift": "contradicts the documents",
    "inconclusive": "says nothing: not sent, refused for another reason, or not answered",
    "conform": "agrees with the documents",
}
TREND_WIDTH, TREND_HEIGHT = 240, 48


def page(results: Sequence[Result], score: Score, facts: RunFacts | str) -> str:
    """The report as HTML: drift first, then inconclusive, then conform. `facts` may be the name of a target alone."""
    facts = RunFacts(facts) if isinstance(facts, str) else facts
    title, pictures = f"CVProcess contract, {facts.target}", PagePictures()
    rows = sorted(results, key=lambda result: ORDER.index(result.verdict))
    cases = "\n".join(case(result, pictures) for result in rows)
    body = [
        f"<h1>{escape(title)}</h1>",
        *_summary(results, score, facts),
        *_contents(results),
        "<h2>Cases</h2>",
        _filters(results),
        cases,
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"</head><body>{''.join(body)}"
        f'<script type="application/json" id="pictures">{_in_script(pictures.by_digest)}</script>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _summary(results: Sequence[Result], score: Score, facts: RunFacts) -> Iterator[str]:
    counts = Counter(result.verdict for result in results)
    how_much = judged(results, score.nights_unjudged)
    concluded = facts.conclusion(results, how_much)
    style = "inconclusive" if concluded.code == UNDECIDED else concluded.word
    yield f'<p class="verdict {style}">{escape(f"{concluded.word}; {how_much}")}</p>'
    is_scored = len(results) > counts["inconclusive"]
    trend = _trend(score) if is_scored else ""
    yield f'<ul class="counts">{"".join(_count(verdict, counts[verdict]) for verdict in ORDER)}{trend}</ul>'
    yield f'<p class="faint">{escape(MEANING)}</p>' if is_scored else ""
    lines = [*(f"{name}: {value}" for name, value in facts.lines.items()), *facts.remarks]
    yield "".join(f"<p>{escape(line)}</p>" for line in lines)


def _count(verdict: Verdict, count: int) -> str:
    return f'<li class="{verdict}"><b>{count}</b>{verdict}<br><span class="faint">{MEANINGS[verdict]}</span></li>'


def _trend(score: Score) -> str:
    """The scores of the last runs as a line, and this one as a number."""
    values = (*score.trend[-30:], score.score)
    step = TREND_WIDTH / max(1, len(values) - 1)
    points = " ".join(
        f"{index * step:.0f},{2 + (1 - value) * (TREND_HEIGHT - 4):.0f}" for index, value in enumerate(values)
    )
    told = " → ".join(f"{value:.0%}" for value in values[-7:])
    line = (
        f'<svg viewBox="0 0 {TREND_WIDTH} {TREND_HEIGHT}" role="img" aria-label="scores of the last runs: {told}">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/></svg><br>'
    )
    drawn = line if score.trend else ""
    return (
        f'<li><b>{score.score:.1%}</b>score<br>{drawn}<span class="faint">{told}, index {score.index:.1%}</span></li>'
    )


def _contents(results: Sequence[Result]) -> Iterator[str]:
    """What drifted, each cause with its first case; and how many cases each operation has."""
    causes = by_cause(grouped(one for one in results if one.verdict == "drift"))
    if causes:
        rows = "".join(map(_cause, causes))
        yield f"<h2>What drifted</h2>{_table(('check', 'found', 'cases'), rows)}"
    yield f"<h2>By operation</h2>{_table(('operation', *ORDER), ''.join(_by_operation(results)))}"


def _cause(groups: Sequence[Group]) -> str:
    first, checks = groups[0], ", ".join(group.check for group in groups)
    links = ", ".join(_link(name) for name in first.cases[:SHOWN_CASES])
    more = f" and {len(first.cases) - SHOWN_CASES} more" if len(first.cases) > SHOWN_CASES else ""
    return f"<tr><td>{escape(checks)}</td><td>{escape(first.findings[0].text)}</td><td>{links}{more}</td></tr>"


def _by_operation(results: Sequence[Result]) -> Iterator[str]:
    counts: dict[str, Counter[str]] = {}
    for result in results:
        for name in operations_of(result) or ("any",):
            counts.setdefault(name, Counter())[result.verdict] += 1
    for name, found in sorted(counts.items()):
        cells = "".join(f'<td class="number">{found[verdict]}</td>' for verdict in ORDER)
        yield f"<tr><td>{escape(name)}</td>{cells}</tr>"


def _table(head: Iterable[str], rows: str) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f'<div class="scroll"><table><tr>{cells}</tr>{rows}</table></div>'


def _link(case_id: str) -> str:
    return f'<a href="#{escape(case_id)}">{escape(case_id)}</a>'


def _filters(results: Sequence[Result]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="verdict" value="{verdict}" checked> {verdict}</label>'
        for verdict in ORDER
    )
    names = sorted({name for result in results for name in operations_of(result)})
    options = "".join(f"<option>{escape(name)}</option>" for name in names)
    return (
        f"<form>{boxes}"
        f'<label>operation <select name="operation"><option value="">all</option>{options}</select></label>'
        '<label>text <input type="search" name="text"></label><output></output></form>'
    )


def _in_script(value: Mapping[str, str]) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
