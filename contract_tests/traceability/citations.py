"""Collects which keywords, checks, cases and tests cite each sentence of the documents."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import contract
from ..checks import CHECKS
from ..paths import own, shelf
from ..planning.obligations import DOCUMENTS
from ..planning.planned import planned_cases


@dataclass(frozen=True)
class Sentence:
    """One sentence of a document, and everything that cites it."""

    id: str
    document: str
    quote: str
    paraphrase: str
    keywords: tuple[str, ...]
    checks: tuple[str, ...]
    cases: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def is_tested(self) -> bool:
        """Whether a check, a case or a test cites the sentence."""
        return bool(self.checks or self.cases or self.tests)


def sentences() -> list[Sentence]:
    """Every sentence relied on, in the order of schemas/sources.json."""
    keywords, checks = _keywords(), _by_source((one.source, one.name) for one in CHECKS)
    cases, tests = _by_source((one.source, one.id) for one in planned_cases()), _tests()
    return [
        Sentence(
            name,
            row["document"],
            row.get("quote") or "",
            row["paraphrase"],
            keywords[name],
            checks[name],
            cases[name],
            tests[name],
        )
        for name, row in contract.sources().items()
        if row["document"] in DOCUMENTS
    ]


def _by_source(pairs: Iterator[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for source, name in pairs:
        for one in source.split(","):
            found[one.strip()] += (name,)
    return found


def _keywords() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for path in sorted(shelf("schemas").rglob("*.schema.json")):
        relative = path.relative_to(shelf("schemas")).as_posix()
        for pointer, source in _cited(contract.read(relative), ""):
            found[source] += (f"{path.name.removesuffix('.schema.json')}{pointer}",)
    return found


def _cited(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """(place of the keyword, source id) for every x-source below a node."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _cited(item, f"{pointer}/{number}")
    if not isinstance(node, dict):
        return
    for keyword, ids in node.get("x-source", {}).items() if isinstance(node.get("x-source"), dict) else ():
        yield from ((f"{pointer}/{keyword}", one) for one in ids)
    for name, item in node.items():
        if name != "x-source":
            yield from _cited(item, f"{pointer}/{name}".replace("/$defs/", "/").replace("/properties/", "/"))


def _tests() -> Mapping[str, tuple[str, ...]]:
    """Tests marked with `sentence(...)`, read from their source: no test needs to run for it."""
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for path in sorted(own("properties").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for one in _marked(node):
                    found[one] += (f"{path.stem}.{node.name}",)
    return found


def _marked(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("mark.sentence"):
            yield from (str(argument.value) for argument in decorator.args if isinstance(argument, ast.Constant))
