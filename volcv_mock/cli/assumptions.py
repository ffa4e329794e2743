"""`volcv-mock assumptions`: list every behaviour of the mock that no document states."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json, print_text
from volcv_mock.cli.readings import add_choice, settings_of
from volcv_mock.cli.table import table
from volcv_mock.config import BadSetting
from volcv_mock.contract.readings import measured_of


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    parser = CommandParser("volcv-mock assumptions", __doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, one object per assumption")
    add_choice(parser)
    options = parser.parse(arguments)
    try:
        rows = contract.assumptions(measured_of(settings_of(options).readings_table()))
    except BadSetting as error:
        print(f"volcv-mock assumptions: {error}", file=sys.stderr)
        return 2
    if options.json:
        return print_json(rows)
    return print_text(table(("what", "value", "where"), ((row["what"], row["value"], row["where"]) for row in rows)))
