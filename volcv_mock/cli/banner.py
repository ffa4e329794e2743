"""What `volcv-mock serve` prints once it accepts connections; not a command itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from volcv_mock import __version__
from volcv_mock.config import Settings

if TYPE_CHECKING:
    from volcv_mock.server.certificates import Certificates

EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
"""Hosts that stand for all addresses of a machine. No client can call them; loopback is one that it can."""
OTHERS = {"0.0.0.0": (socket.AF_INET, "192.0.2.1"), "[::]": (socket.AF_INET6, "2001:db8::1")}
"""An address elsewhere (RFC 5737, RFC 3849): the way there shows this machine's own address. Nothing is sent."""


def announce(url: str, settings: Settings, made: Certificates | None = None) -> None:
    """Print the line that scripts wait for, then what to put into a client. `url` is the server's own."""
    for line in (*lines(url, settings, made), *(trust(made) if made else ())):
        print(line, flush=True)


def lines(url: str, settings: Settings, made: Certificates | None = None) -> Iterator[str]:
    """The lines, for a server that listens on this URL, with the certificate that was made for it."""
    here = usable(url)
    scheme, _, host = here.partition("://")
    yield f"volcv-mock {__version__} listening on {here}"
    yield f"official: set_scheme('{scheme}'); set_host('{host}')"
    yield f"proxy:    {here}/volcv/v1"
    if settings.auth_mode == "strict" and not (settings.api_keys or settings.access_keys):
        yield "auth:     strict, but no key is known: set one with --api-key, or with --ak and --sk"
    if settings.control_is_on:
        yield f"console:  {here}/_mock/"
    else:
        yield "control:  off, because --host is not loopback and there is no --control-token"
    if here != url:
        there = seen_by_others(url)
        name = urlsplit(there).hostname or ""
        hint = f"; the certificate is not for it: add --tls-name {name}" if made and name not in made.names else ""
        yield f"others:   {there} is the address for other machines{hint}"


def trust(made: Certificates) -> Iterator[str]:
    """How a client trusts the certificate that was made."""
    yield f"tls:      for {', '.join(made.names)}; CA file {made.ca}. Set for your client:"
    for setting, whose in made.variables():
        yield f"          {setting}    # {whose}"


def usable(url: str) -> str:
    """The URL with an address that a client on this machine can call."""
    host = _host(url)
    return url.replace(f"//{host}:", f"//{EVERY_ADDRESS[host]}:", 1) if host in EVERY_ADDRESS else url


def seen_by_others(url: str) -> str:
    """The URL with this machine's own address, or with its name when it has no network."""
    host = _host(url)
    family, elsewhere = OTHERS[host]
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((elsewhere, 9))
            own = probe.getsockname()[0]
    except OSError:
        own = socket.gethostname()
    return url.replace(f"//{host}:", f"//[{own}]:" if ":" in own else f"//{own}:", 1)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition(":")[0]
