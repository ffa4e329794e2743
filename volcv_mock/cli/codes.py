"""`volcv-mock codes`: list every code the mock can return, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json, print_text
from volcv_mock.cli.table import table

RETRY = {True: "yes", False: "no", None: "?"}


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    parser = CommandParser("volcv-mock codes", __doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, one object per row")
    options = parser.parse(arguments)
    rows = contract.codes()
    if options.json:
        return print_json([asdict(row) for row in rows])
    head = ("id", "http", "code", "envelope", "phase", "retry", "grade", "message")
    return print_text(table(head, ((row.id, row.http_status, row.code if row.code is not None else "-", row.envelope,
                              row.phase, RETRY[row.retryable], row.grade, row.message) for row in rows)))  # fmt: skip
