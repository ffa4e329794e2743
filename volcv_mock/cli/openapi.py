"""`volcv-mock openapi`: print the OpenAPI 3.1 document of the endpoints in a profile."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json
from volcv_mock.cli.readings import add_choice, settings_of
from volcv_mock.config import BadSetting


def main(arguments: Sequence[str]) -> int:
    """Print the document."""
    options = parser().parse(arguments)
    try:
        settings = settings_of(options)
        served, readings = settings.served_contract, settings.readings_table()
    except BadSetting as error:
        print(f"volcv-mock openapi: {error}", file=sys.stderr)
        return 2
    with contract.using(served), contract.playing(readings):
        document = contract.openapi(options.profile, options.auth, options.reseller)
    return print_json(document)


def parser() -> CommandParser:
    """The options of `openapi`."""
    made = CommandParser("volcv-mock openapi", __doc__)
    made.add_argument("--profile", choices=("default", "strict", "lenient"), default="default",
                      help="profile of the document (default: default)")  # fmt: skip
    made.add_argument(
        "--auth", choices=("any", "strict", "off"), default="any", help="off omits the security schemes (default: any)"
    )
    made.add_argument("--reseller", choices=tuple(contract.resellers()), default=contract.default_reseller(),
                      help="reseller profile of the proxy endpoint (default: %(default)s)")  # fmt: skip
    made.add_argument("--contract", metavar="DIR", default="", help="also describe the req_keys of this folder")
    add_choice(made)
    return made
