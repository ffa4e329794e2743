"""`volcv-mock operations`: list the operations, their input modes and documented defaults."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from volcv_mock import contract
from volcv_mock.cli import listing
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.config import BadSetting, Settings

COLUMNS = listing.columns(
    "req_key", "painter", "page", "modes", "defaults",
    modes=lambda row: " ".join(row["modes"]),
    defaults=lambda row: json.dumps(row["defaults"], ensure_ascii=False),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print the list."""
    options = parser().parse(arguments)
    try:
        served = Settings(contract=options.contract).served_contract
    except BadSetting as error:
        print(f"volcv-mock operations: {error}", file=sys.stderr)
        return 2
    with contract.using(served):
        return listing.show(_rows(), COLUMNS, options)


def parser() -> CommandParser:
    """The options of `operations`."""
    made = CommandParser("volcv-mock operations", __doc__)
    listing.add_options(made, COLUMNS)
    made.add_argument("--contract", metavar="DIR", default="", help="also list the req_keys of this folder")
    return made


def _rows() -> Iterator[dict[str, Any]]:
    for name, each in contract.operations().items():
        yield {
            "req_key": name,
            "title": each.title,
            "painter": each.painter,
            "page": each.page,
            "modes": list(each.modes),
            "defaults": dict(contract.defaults(name, each.modes[0])),
        }
