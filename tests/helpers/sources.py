"""Python files as tests of the architecture read them: parsed once, and their imports found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(node: ast.AST, *, at_run_time: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    """An import is a statement: expressions, nine tenths of a tree, are not looked at."""
    for each in _statements(node):
        if isinstance(each, ast.Import | ast.ImportFrom):
            yield each
        elif not (at_run_time and _is_for_type_checkers(each)):
            yield from imports_of(each, at_run_time=at_run_time)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        found = getattr(node, name, ())
        yield from found if isinstance(found, list) else ()


def _is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
