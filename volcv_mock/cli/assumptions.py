"""`volcv-mock assumptions`: list every behaviour of the mock that no document states."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli import listing
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.readings import add_choice, settings_of
from volcv_mock.config import BadSetting
from volcv_mock.contract.readings import measured_of

COLUMNS = listing.columns("what", "value", "where")


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    options = parser().parse(arguments)
    try:
        rows = contract.assumptions(measured_of(settings_of(options).readings_table()))
    except BadSetting as error:
        print(f"volcv-mock assumptions: {error}", file=sys.stderr)
        return 2
    return listing.show(rows, COLUMNS, options)


def parser() -> CommandParser:
    """The options of `assumptions`."""
    made = CommandParser("volcv-mock assumptions", __doc__)
    listing.add_options(made, COLUMNS)
    add_choice(made)
    return made
