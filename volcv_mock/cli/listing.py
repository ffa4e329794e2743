"""What the listing commands share: words that filter, --sort, --json, --wide, and the table. Not a command itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from volcv_mock.cli import terminal
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json, print_text
from volcv_mock.cli.table import table

Row = Mapping[str, Any]
Columns = Mapping[str, Callable[[Row], object]]
"""The head of each column, and its cell for a row."""


def columns(*names: str, **cells: Callable[[Row], object]) -> Columns:
    """Columns of these names; a cell is the row's member of that name, unless a function gives it."""
    return {name: cells.get(name, itemgetter(name)) for name in names}


def add_options(parser: CommandParser, shown: Columns) -> None:
    """The options of every listing."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="only rows that contain each of these words")
    parser.add_argument("--sort", choices=tuple(shown), metavar="COLUMN",
                        help=f"sort by a column: {', '.join(shown)} (default: the order of the contract)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON, one object per row")
    parser.add_argument("--wide", action="store_true", help="do not wrap the table to the width of the terminal")


def show(rows: Iterable[Row], shown: Columns, options: argparse.Namespace) -> int:
    """Print the rows as the options say; returns the exit code 0."""
    kept = [row for row in rows if _has_all(row, shown, options.words)]
    if options.sort:
        kept.sort(key=lambda row: _order(shown[options.sort](row)))
    if options.json:
        return print_json([dict(row) for row in kept])
    cells = [[cell(row) for cell in shown.values()] for row in kept]
    if not kept:
        print(f"no row contains {' and '.join(map(repr, options.words))}", file=sys.stderr)
    head, _, rest = table(tuple(shown), cells, None if options.wide else terminal.width()).partition("\n")
    is_head = head.split()[:1] == list(shown)[:1]  # a narrow terminal gets none
    return print_text("\n".join(filter(None, (terminal.styled(head, terminal.BOLD) if is_head else head, rest))))


def _has_all(row: Row, shown: Columns, words: Sequence[str]) -> bool:
    """Whether the row contains the words, in its cells or in what only its JSON has."""
    text = "\n".join(map(str, (*(cell(row) for cell in shown.values()), *row.values()))).lower()
    return all(word.lower() in text for word in words)


def _order(cell: object) -> tuple[bool, float, str]:
    """Numbers by their value, before texts."""
    text = str(cell)
    is_number = text.lstrip("-").isdecimal()
    return (not is_number, float(text) if is_number else 0.0, text.lower())
