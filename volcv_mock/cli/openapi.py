"""`volcv-mock openapi`: print the OpenAPI 3.1 document of the endpoints in a profile."""

from __future__ import annotations

from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_json


def main(arguments: Sequence[str]) -> int:
    """Print the document."""
    parser = CommandParser("volcv-mock openapi", __doc__)
    parser.add_argument("--profile", choices=("default", "strict", "lenient"), default="default",
                        help="profile of the document (default: default)")  # fmt: skip
    parser.add_argument(
        "--auth", choices=("any", "strict", "off"), default="any", help="off omits the security schemes (default: any)"
    )
    parser.add_argument("--reseller", choices=tuple(contract.resellers()), default=contract.default_reseller(),
                        help="reseller profile of the proxy endpoint (default: %(default)s)")  # fmt: skip
    options = parser.parse(arguments)
    document = contract.openapi(options.profile, options.auth, options.reseller)
    return print_json(document)
