"""`volcv-mock assumptions`: everything the mock does that no document states."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.output import print_json, print_text
from volcv_mock.cli.table import table


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock assumptions", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as JSON, one object per assumption")
    options = parser.parse_args(arguments)
    rows = contract.assumptions()
    if options.json:
        return print_json(rows)
    return print_text(table(("what", "value", "where"), ((row["what"], row["value"], row["where"]) for row in rows)))
