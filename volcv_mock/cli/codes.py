"""`volcv-mock codes`: list every code the mock can return, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from volcv_mock import contract
from volcv_mock.cli import listing
from volcv_mock.cli.arguments import CommandParser

RETRY = {True: "yes", False: "no", None: "?"}
COLUMNS = listing.columns(
    "id", "http", "code", "envelope", "phase", "retry", "grade", "message",
    http=lambda row: row["http_status"],
    code=lambda row: row["code"] if row["code"] is not None else "-",
    retry=lambda row: RETRY[row["retryable"]],
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    options = parser().parse(arguments)
    return listing.show((asdict(row) for row in contract.codes()), COLUMNS, options)


def parser() -> CommandParser:
    """The options of `codes`."""
    made = CommandParser("volcv-mock codes", __doc__)
    listing.add_options(made, COLUMNS)
    return made
