"""Which picture URLs may be fetched: from the URL to a host, from a host to the addresses it may have.

Pure functions, except `resolve`; `numeric` uses the system's address parser and sends nothing. The gate checks every
hop twice: whether the host may be fetched, and whether it may have this address.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit

from volcv_mock._util.frozen import frozen
from volcv_mock.model import Problem

Policy = Literal["loopback", "any", "stand-in", "public"]
"""`public` is for links in answers of an upstream: no loopback host, unless it is listed."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SOURCE = "assumed: no document states what is fetched"
PORTS = {"http": 80, "https": 443}

_MOST_CHARACTERS = 65_536
"""Longer ones are refused unread: no server takes them, and 16 MB of dots took 1 GB of memory in Python's codec."""
_BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_MOST_OF_A_HOST = 253
"""Characters of a host name without its last dot (RFC 1035, 2.3.4)."""
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")


@frozen
class Hop:
    """One hop: where to connect and what to request. `shown` omits the query, which may hold a signature."""

    scheme: str
    host: str
    port: int
    path: str
    shown: str

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


@frozen
class Gate:
    """The policy: which hosts may be fetched, and which addresses each of them may have."""

    policy: Policy
    hosts: tuple[str, ...] = ()

    def opens(self, target: Hop) -> bool:
        """Whether the host may be fetched; decided without a name server."""
        if self.lists(target) or self.policy == "any":
            return True
        return is_loopback_host(target.host) if self.policy == "loopback" else self._is_open_to_public(target)

    def _is_open_to_public(self, target: Hop) -> bool:
        return self.policy == "public" and not is_loopback_host(target.host)

    def admits(self, target: Hop, address: Address) -> bool:
        """Whether an allowed host may have this address. A listed host may have any."""
        if self.lists(target):
            return True
        return unwrapped(address).is_loopback if is_loopback_host(target.host) else is_public(address)

    def lists(self, target: Hop) -> bool:
        """Whether the host is one of --image-hosts."""
        names = {target.host, f"{target.host}:{target.port}", f"[{target.host}]", f"[{target.host}]:{target.port}"}
        listed = [host.lower().rstrip(".") for host in self.hosts]
        return any(host in names or ("*" in host and _matches(host, names)) for host in listed)


def read_url(url: str) -> Hop | Problem:
    """The target of a URL. Blanks and control characters are refused: urlsplit would drop some."""
    if len(url) > _MOST_CHARACTERS:
        return _bad_syntax(f"a URL of {len(url)} characters", "Send the picture as base64, or use a shorter URL.")
    if _BLANK_OR_CONTROL.search(url):
        return _bad_syntax("blanks or control characters", "Percent-encode them.")
    try:
        parts = urlsplit(url)
        return _target(parts)
    except ValueError:
        return _bad_syntax("a URL that cannot be parsed", "Check its host and port.")


def numeric(host: str) -> tuple[Address, ...]:
    """The address a host gives in digits, as the system reads it (127.1, 2130706433, 0x7f.1 too); () for a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    return tuple(ipaddress.ip_address(info[4][0]) for info in found)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, from the system's resolver. Subdomains of localhost are loopback."""
    name = "localhost" if host.endswith(".localhost") else host
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@lru_cache(maxsize=256)
def is_loopback_host(host: str) -> bool:
    """localhost, its subdomains (RFC 6761), and loopback addresses in any spelling."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    addresses = numeric(host)
    return bool(addresses) and all(unwrapped(address).is_loopback for address in addresses)


def is_public(address: Address) -> bool:
    """Whether the address is public, also after unwrapping an embedded IPv4 address."""
    inner = unwrapped(address)
    special = inner.is_multicast or inner.is_reserved or inner.is_unspecified or inner.is_link_local
    return inner.is_global and not special and not getattr(inner, "is_site_local", False)


def unwrapped(address: Address) -> Address:
    """The IPv4 address embedded in an IPv6 one: mapped, 6to4, NAT64 or IPv4-compatible."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour
    if embedded is not None:
        return embedded
    is_compatible = address in _IPV4_COMPATIBLE and int(address) > 1  # :: and ::1 are IPv6's own
    if address in _NAT64 or is_compatible:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _matches(pattern: str, names: set[str]) -> bool:
    """Whether a listed `*.example.com` matches one of these spellings of a host."""
    return any(fnmatchcase(name, pattern.replace("[", "[[]")) for name in names)


def _target(parts: SplitResult) -> Hop | Problem:
    if parts.scheme not in PORTS:
        found = f"scheme {parts.scheme[:20]!r}" if parts.scheme else "no scheme"
        return Problem("$.image_urls", found, "http or https", "Serve the picture over HTTP, or send it as base64.",
                       "url_scheme", SOURCE)  # fmt: skip
    if "@" in parts.netloc:
        return _bad_syntax("a user name before the host", "Leave it out; no credentials are sent.")
    host = _plain_host(parts.hostname or "")
    if host is None or parts.port == 0:
        return _bad_syntax("no valid host", "Name a host, as in http://127.0.0.1:9000/a.jpg.")
    port = parts.port or PORTS[parts.scheme]
    path = _encoded(parts.path or "/")
    asked = f"{path}?{_encoded(parts.query)}" if parts.query else path
    target = Hop(parts.scheme, host, port, asked, "")
    return Hop(parts.scheme, host, port, asked, f"{parts.scheme}://{target.host_header}{path}"[:200])


def _plain_host(host: str) -> str | None:
    """The host in ASCII without a trailing dot; None when it is invalid."""
    if len(host.rstrip(".")) > _MOST_OF_A_HOST:
        return None
    try:
        plain = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return plain if _HOST.fullmatch(plain) and len(plain) <= _MOST_OF_A_HOST else None


def _encoded(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~-._?", encoding="utf-8", errors="surrogatepass")


def _bad_syntax(found: str, fix: str) -> Problem:
    return Problem("$.image_urls", found, "an http or https URL", fix, "url_syntax", SOURCE)
