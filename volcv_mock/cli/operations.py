"""`volcv-mock operations`: list the operations, their input modes and documented defaults."""

from __future__ import annotations

import json
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text
from volcv_mock.cli.table import table


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    CommandParser("volcv-mock operations", __doc__).parse(arguments)
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
    return print_text(table(head, rows))
