"""`volcv-mock explain CODE`: explain a code or fault: meaning, whether to retry, source."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from volcv_mock import contract, faults, injection
from volcv_mock.cli import terminal
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text
from volcv_mock.cli.table import wrapped
from volcv_mock.contract.documents import document
from volcv_mock.contract.provenance import sources
from volcv_mock.faults.base import Fault
from volcv_mock.model import CodeRow

INDENT = len("  meaning    ")
MOST_SENTENCES = 3
RETRY = {
    True: "a retry may succeed",
    False: "a retry cannot succeed",
    None: "no document states whether to retry",
}


def main(arguments: Sequence[str]) -> int:
    """Print the explanation. Returns 2 for an unknown word."""
    word = parser().parse(arguments).code
    rows = [row for row in contract.codes() if word in (row.id, row.name, str(row.code)) or word in row.rules]
    if rows:
        told = [*map(explanation, rows), *(of_rule(word) if any(word in row.rules for row in rows) else ())]
        return print_text(fitted("\n".join(["\n\n".join(told), *legend("\n".join(told))])))
    return print_text(fitted(of_fault(faults.by_name(word)))) if word in faults.names() else _unknown(word)


def fitted(text: str) -> str:
    """The text, its lines wrapped to the width of the terminal; what follows a label stays in its column."""
    fit = terminal.width()
    return text if fit is None else "\n".join(part for line in text.split("\n") for part in _hanging(line, fit))


def _hanging(line: str, fit: int) -> list[str]:
    indent = INDENT if line.startswith("  ") else 0
    first, *rest = wrapped(line[indent:], fit - indent)
    return [line[:indent] + first, *(" " * indent + part for part in rest)]


def parser() -> CommandParser:
    """The options of `explain`."""
    made = CommandParser("volcv-mock explain", __doc__)
    made.add_argument(
        "code",
        help="a number (50411), a gateway Code (SignatureDoesNotMatch), a rule (mask_is_8_bit) or a fault (reset)",
    )
    return made


def of_rule(rule: str) -> Iterator[str]:
    """What a client is told that breaks the rule, by an example, and the words of the documents."""
    from volcv_mock.cli.rule_examples import problem_of  # lazy: only rules need a request

    problem = problem_of(rule)
    if problem is None:
        return
    lines = [
        f"{rule}, by an example:",
        f"  found      {problem.found}, at {problem.where}",
        f"  wanted     {problem.wanted}",
        *([f"  fix        {problem.fix}"] if problem.fix else []),
        f"  source     {problem.source}",
        *(f"  sentence   {row['document']}: {row['quote']} ({row['paraphrase']})" for row in sentences(problem.source)),
    ]
    yield "\n".join(lines)


def sentences(source: str) -> list[Mapping[str, Any]]:
    """The sentences of the sections that a source names. A section with many, such as a table, is left out."""
    named = source.split("; ")
    found = [row for row in sources().values() if f"{row['document']}, {row['section']}" in named]
    counts = Counter((row["document"], row["section"]) for row in found)
    return [row for row in found if row["quote"] and counts[row["document"], row["section"]] <= MOST_SENTENCES]


def legend(text: str) -> list[str]:
    """What S0 to S4 stand for, those that the text names."""
    titles = document("sources.json")["documents"]
    named = [name for name in titles if re.fullmatch(r"S\d", name) and re.search(rf"\b{name}\b", text)]
    return [f"  {name}         {titles[name]['title']}" for name in named]


def explanation(row: CodeRow) -> str:
    """One row of the code table, as text."""
    lines = [
        f"{row.id}: {row.message}",
        f"  meaning    {row.meaning}",
        f"  HTTP       {row.http_status}, {row.envelope} envelope, decided in phase {row.phase!r}",
        f"  retry      {RETRY[row.retryable]}",
        f"  source     {row.source} (grade: {row.grade})",
    ]
    if row in injection.known_codes():
        lines.append(f"  inject     X-Volcv-Mock: code={row.id}")
    if row.rules:
        lines.append(f"  rules      {', '.join(row.rules)}")
    return "\n".join(lines)


def of_fault(fault: Fault) -> str:
    """One fault, as text."""
    lines = [f"{fault.name}: {fault.summary}", f"  inject     X-Volcv-Mock: fault={fault.name}"]
    return "\n".join(lines)


def _unknown(word: str) -> int:
    known = [*(name for row in contract.codes() for name in (row.id, *row.rules)), *faults.names()]
    near = contract.nearest(word, known)
    hint = f" Did you mean {near!r}?" if near else ""
    print(f"volcv-mock explain: unknown code {word!r}.{hint} 'volcv-mock codes' lists them.", file=sys.stderr)
    return 2
