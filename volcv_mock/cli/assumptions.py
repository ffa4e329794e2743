"""`volcv-mock assumptions`: everything the mock does that no document states."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.output import told
from volcv_mock.cli.table import table


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock assumptions", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as JSON, one object per assumption")
    options = parser.parse_args(arguments)
    rows = contract.assumptions()
    if options.json:
        return told(json.dumps(rows, ensure_ascii=False, indent=1))
    return told(table(("what", "value", "where"), ((row["what"], row["value"], row["where"]) for row in rows)))
