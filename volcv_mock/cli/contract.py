"""`volcv-mock contract`: check a target with the contract suite that is part of the package."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from volcv_mock._util.paths import shelf

NEEDS = "pytest, httpx and hypothesis are needed: pip install 'volcv-mock[contract]'"


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when everything conforms, 1 on drift, 2 when nothing could be decided."""
    sys.path.insert(0, str(shelf("contract_tests").parent))
    try:
        from contract_tests.runner import run
    except ImportError as error:
        asks_for_help = bool({"-h", "--help"} & set(arguments))
        if asks_for_help:
            _help()
        print(f"volcv-mock contract: {error.name} is not installed. {NEEDS}", file=sys.stderr)
        return 0 if asks_for_help else 2
    return int(run.main(list(arguments)))


def _help() -> None:
    """The options alone import nothing that the extra brings."""
    from contract_tests.runner.options import parser

    parser().print_help()
