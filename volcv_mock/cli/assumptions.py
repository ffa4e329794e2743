"""`volcv-mock assumptions`: list every behaviour of the mock that no document states."""

from __future__ import annotations

from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json, print_text
from volcv_mock.cli.table import table


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    parser = CommandParser("volcv-mock assumptions", __doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, one object per assumption")
    options = parser.parse(arguments)
    rows = contract.assumptions()
    if options.json:
        return print_json(rows)
    return print_text(table(("what", "value", "where"), ((row["what"], row["value"], row["where"]) for row in rows)))
