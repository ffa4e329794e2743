"""`volcv-mock sign`: sign a request as the SDKs do, and show each step of the signature.

Keys are read from VOLC_ACCESSKEY and VOLC_SECRETKEY unless given. The secret key is never printed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from volcv_mock import contract, signing
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text
from volcv_mock.config.config_kinds import bad_character
from volcv_mock.recording.addresses import MASK, shown_address
from volcv_mock.signing import KeyPair, Signed


class CannotSign(Exception):
    """An option or variable that no request can be signed with; the message names it."""


def main(arguments: Sequence[str]) -> int:
    """Sign and print. Returns 2 for missing keys and unusable options."""
    options = parser().parse(arguments)
    try:
        signed = _signed(options)
    except CannotSign as error:
        print(f"volcv-mock sign: {error}", file=sys.stderr)
        return 2
    return print_text(shown(signed) if not options.curl else curl(signed, options.url, options.body))


def _signed(options: argparse.Namespace) -> Signed:
    pair = KeyPair(_key(options.ak, "--ak", "VOLC_ACCESSKEY"), _key(options.sk, "--sk", "VOLC_SECRETKEY"))
    if not pair.access_key or not pair.secret_key:
        raise CannotSign("no keys; give --ak and --sk, or set VOLC_ACCESSKEY and VOLC_SECRETKEY")
    body = _body(options.body)
    if not is_whole(options.url):
        found = shown_address(options.url)
        raise CannotSign(f"{found!r} is no URL; wanted http:// or https:// with a host, in visible ASCII characters")
    at_s = signing.read_x_date(options.date) if options.date else time.time()
    if at_s is None:
        raise CannotSign(f"{options.date!r} is no X-Date; wanted YYYYMMDDTHHMMSSZ")
    region, service = contract.parameter("region"), contract.parameter("service")
    return signing.describe("POST", options.url, body, pair, region, service, at_s)


def _key(option: str | None, flag: str, variable: str) -> str:
    """The key as given, "" when it is not. A character that no header may carry is reported without the key."""
    key, source = (option, flag) if option else (os.environ.get(variable, ""), variable)
    flaw = bad_character(key)
    if flaw:
        raise CannotSign(f"{source} = {MASK}: wanted visible ASCII characters; {flaw}")
    return key


def _body(path: Path | None) -> bytes:
    try:
        return path.read_bytes() if path else b""
    except OSError as error:
        raise CannotSign(f"cannot read {path}: {error.strerror}") from None


def is_whole(url: str) -> bool:
    """Whether a request to this URL can be signed: HTTP, a host without a user, visible ASCII (urlsplit drops others).
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    is_http, has_user = parts.scheme in ("http", "https"), "@" in parts.netloc
    return is_http and bool(host) and not has_user and not bad_character(url)


def parser() -> CommandParser:
    """The options of `sign`."""
    url = f"https://{contract.parameter('host')}/?Action=CVProcess&Version={contract.version()}"
    made = CommandParser("volcv-mock sign", __doc__)
    made.add_argument("--url", default=url, help=f"URL to sign for (default: {url})".replace("%", "%%"))
    made.add_argument("--body", type=Path, help="file with the exact bytes to send (default: an empty body)")
    made.add_argument("--ak", help="access key (default: VOLC_ACCESSKEY)")
    made.add_argument("--sk", help="secret key (default: VOLC_SECRETKEY)")
    made.add_argument("--date", metavar="YYYYMMDDTHHMMSSZ", help="the X-Date (default: now)")
    made.add_argument("--curl", action="store_true", help="print a curl command instead of the steps")
    return made


def shown(signed: Signed) -> str:
    """The steps of the signature, and the headers to send."""
    headers = "\n".join(f"{name}: {value}" for name, value in signed.headers)
    steps = {"canonical request": signed.canonical_request, "string to sign": signed.string_to_sign, "headers": headers}
    return "\n\n".join(f"# {name}\n{text}" for name, text in steps.items())


def curl(signed: Signed, url: str, body: Path | None) -> str:
    """A curl command that sends the signed request."""
    words = ["curl", "-X", "POST", url]
    for name, value in signed.headers:
        words += ["-H", f"{name}: {value}"]
    return shlex.join(words + (["--data-binary", f"@{body}"] if body else []))
