"""Who may use the control room: this machine, or whoever has the token; never a page of another origin.

A browser sends requests to 127.0.0.1 for any page it shows. So a foreign Origin, a fetch that is not
of the same origin, and a Host that is not ours (a name that someone's DNS points here) are refused,
no answer allows another origin to read it, and bodies are JSON, which no plain form can send.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from volcv_mock.config import Settings, is_loopback
from volcv_mock.control.ask import Access, ControlError

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
OFF = "the control API is off: this mock listens beyond loopback; start it with --control-token"
TOKEN_HEADER = "X-Volcv-Mock-Token"


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the guard looks at. `header` gives a header's value by name, or None."""

    remote: str
    header: Callable[[str], str | None]

    @property
    def host(self) -> str:
        """The Host header without its port, in lower case."""
        return (_hostname(f"//{self.header('Host') or ''}") or "").rstrip(".")


def admit(visitor: Visitor, settings: Settings, access: Access) -> None:
    """Raises ControlError for a visitor who may not."""
    if access == "open":
        return
    if not settings.control_is_on:
        raise ControlError(403, OFF)
    _refuse_foreign_page(visitor, access)
    if settings.control_token:
        if access != "page":
            _demand_token(visitor, settings.control_token)
        return
    _demand_loopback(visitor, settings)


def _refuse_foreign_page(visitor: Visitor, access: Access) -> None:
    origin, site = visitor.header("Origin"), visitor.header("Sec-Fetch-Site")
    if origin is not None and _authority(origin) != (visitor.header("Host") or "").lower():
        raise ControlError(403, "the control API answers no page of another origin")
    is_navigation = access == "page" and visitor.header("Sec-Fetch-Mode") == "navigate"
    if site not in (None, "same-origin", "none") and not is_navigation:
        raise ControlError(403, "the control API answers no page of another origin")


def _demand_token(visitor: Visitor, token: str) -> None:
    scheme, _, bearer = (visitor.header("Authorization") or "").partition(" ")
    given = visitor.header(TOKEN_HEADER) or (bearer.strip() if scheme.lower() == "bearer" else "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise ControlError(401, f"wanted the control token, as Authorization: Bearer ... or as {TOKEN_HEADER}")


def _demand_loopback(visitor: Visitor, settings: Settings) -> None:
    if not _is_loopback_address(visitor.remote) or any(visitor.header(name) for name in FORWARDED):
        raise ControlError(403, "the control API answers this machine only; start the mock with --control-token")
    if not is_loopback(visitor.host) and visitor.host != settings.host.strip("[]").lower():
        raise ControlError(403, "the Host header names another machine; use 127.0.0.1 or localhost")


def _is_loopback_address(remote: str) -> bool:
    """Also IPv4 as a socket for both families shows it, ::ffff:127.0.0.1."""
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _authority(origin: str) -> str:
    """host:port of an Origin; "null" has none and equals no Host."""
    try:
        return urlsplit(origin).netloc.lower() or "null"
    except ValueError:
        return "null"


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
