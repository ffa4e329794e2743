"""`volcv-mock operations`: the operations, their input modes, legacy Actions and documented defaults."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.output import print_text
from volcv_mock.cli.table import table


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="volcv-mock operations", description=__doc__).parse_args(arguments)
    head = ("req_key", "kind", "page", "modes", "defaults")
    rows = (
        (
            name,
            each.kind,
            each.page,
            " ".join(each.modes),
            json.dumps(contract.defaults(name, each.modes[0]), ensure_ascii=False),
        )
        for name, each in contract.operations().items()
    )
    return print_text(table(head, rows))
