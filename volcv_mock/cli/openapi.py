"""`volcv-mock openapi`: the OpenAPI 3.1 document of the doors, as the given profile serves them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.output import print_json


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock openapi", description=__doc__)
    parser.add_argument("--profile", choices=("default", "strict", "lenient"), default="default")
    parser.add_argument(
        "--auth", choices=("any", "strict", "off"), default="any", help="off: a document without security"
    )
    parser.add_argument("--reseller", choices=tuple(contract.resellers()), default=contract.default_reseller())
    options = parser.parse_args(arguments)
    document = contract.openapi(options.profile, options.auth, options.reseller)
    return print_json(document)
