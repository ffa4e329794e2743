"""`volcv-mock operations`: list the operations, their input modes and documented defaults."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text
from volcv_mock.cli.table import table
from volcv_mock.config import BadSetting, Settings


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    parser = CommandParser("volcv-mock operations", __doc__)
    parser.add_argument("--contract", metavar="DIR", default="", help="also list the req_keys of this folder")
    try:
        served = Settings(contract=parser.parse(arguments).contract).served_contract
    except BadSetting as error:
        print(f"volcv-mock operations: {error}", file=sys.stderr)
        return 2
    with contract.using(served):
        return print_text(_listing())


def _listing() -> str:
    head = ("req_key", "painter", "page", "modes", "defaults")
    rows = (
        (
            name,
            each.painter,
            each.page,
            " ".join(each.modes),
            json.dumps(contract.defaults(name, each.modes[0]), ensure_ascii=False),
        )
        for name, each in contract.operations().items()
    )
    return table(head, rows)
