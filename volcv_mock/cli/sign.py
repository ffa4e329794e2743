"""`volcv-mock sign`: sign a request as the SDKs do, and show each step of the signature.

Keys come from VOLC_ACCESSKEY and VOLC_SECRETKEY unless given. The secret is never printed.
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
from volcv_mock.cli.output import print_text
from volcv_mock.signing import KeyPair, Signed


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    pair = KeyPair(
        options.ak or os.environ.get("VOLC_ACCESSKEY", ""), options.sk or os.environ.get("VOLC_SECRETKEY", "")
    )
    if not pair.access_key or not pair.secret_key:
        print("volcv-mock sign: no keys; give --ak and --sk, or set VOLC_ACCESSKEY and VOLC_SECRETKEY", file=sys.stderr)
        return 2
    try:
        body = options.body.read_bytes() if options.body else b""
    except OSError as error:
        print(f"volcv-mock sign: cannot read {options.body}: {error.strerror}", file=sys.stderr)
        return 2
    if not is_whole(options.url):
        print(f"volcv-mock sign: {options.url!r} is no URL; wanted http:// or https:// with a host", file=sys.stderr)
        return 2
    at_s = signing.read_x_date(options.date) if options.date else time.time()
    if at_s is None:
        print(f"volcv-mock sign: {options.date!r} is no X-Date; wanted YYYYMMDDTHHMMSSZ", file=sys.stderr)
        return 2
    signed = signing.describe(
        "POST", options.url, body, pair, contract.parameter("region"), contract.parameter("service"), at_s
    )
    return print_text(shown(signed) if not options.curl else curl(signed, options.url, options.body))


def is_whole(url: str) -> bool:
    """Whether there is a host to sign for."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _parser() -> argparse.ArgumentParser:
    url = f"https://{contract.parameter('host')}/?Action=CVProcess&Version={contract.version()}"
    parser = argparse.ArgumentParser(prog="volcv-mock sign", description=__doc__)
    parser.add_argument("--url", default=url, help=f"default: {url}".replace("%", "%%"))
    parser.add_argument("--body", type=Path, help="file with the exact bytes to send; none for an empty body")
    parser.add_argument("--ak", help="access key")
    parser.add_argument("--sk", help="secret key")
    parser.add_argument("--date", metavar="YYYYMMDDTHHMMSSZ", help="the X-Date; default: now")
    parser.add_argument("--curl", action="store_true", help="print a curl command instead of the steps")
    return parser


def shown(signed: Signed) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in signed.headers)
    steps = {"canonical request": signed.canonical_request, "string to sign": signed.string_to_sign, "headers": headers}
    return "\n\n".join(f"# {name}\n{text}" for name, text in steps.items())


def curl(signed: Signed, url: str, body: Path | None) -> str:
    words = ["curl", "-X", "POST", url]
    for name, value in signed.headers:
        words += ["-H", f"{name}: {value}"]
    return shlex.join(words + (["--data-binary", f"@{body}"] if body else []))
