"""Access control for the control API: clients on this machine, or with the control token; no page of another origin.

A browser sends requests to 127.0.0.1 for any page it displays. Therefore a foreign Origin, a cross-site fetch and
a Host header that names another machine (DNS rebinding) are refused, no response carries CORS headers, and bodies
must be JSON, which an HTML form cannot send.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from volcv_mock._util.frozen import frozen
from volcv_mock.config import Settings, is_loopback
from volcv_mock.control.messages import Access, ControlError

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
OFF = "the control API is off because this mock listens beyond loopback; start it with --control-token"
TOKEN_HEADER = "X-Volcv-Mock-Token"


@frozen
class ClientProperties:
    """The client properties that are checked. `header` returns a header's value by name, or None."""

    remote: str
    header: Callable[[str], str | None]

    @property
    def host(self) -> str:
        """The Host header in lower case, without its port."""
        return (_hostname(f"//{self.header('Host') or ''}") or "").rstrip(".")


def admit(client: ClientProperties, settings: Settings, access: Access) -> None:
    """Raises ControlError unless the client has access."""
    if access == "open":
        return
    if not settings.control_is_on:
        raise ControlError(403, OFF)
    _refuse_foreign_page(client, access)
    if settings.control_token:
        if access != "page":
            _demand_token(client, settings.control_token)
        return
    _demand_loopback(client, settings)


def _refuse_foreign_page(client: ClientProperties, access: Access) -> None:
    origin, site = client.header("Origin"), client.header("Sec-Fetch-Site")
    if origin is not None and _authority(origin) != (client.header("Host") or "").lower():
        raise ControlError(403, "the control API refuses pages of another origin")
    is_navigation = access == "page" and client.header("Sec-Fetch-Mode") == "navigate"
    if site not in (None, "same-origin", "none") and not is_navigation:
        raise ControlError(403, "the control API refuses pages of another origin")


def _demand_token(client: ClientProperties, token: str) -> None:
    scheme, _, bearer = (client.header("Authorization") or "").partition(" ")
    given = client.header(TOKEN_HEADER) or (bearer.strip() if scheme.lower() == "bearer" else "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise ControlError(401, f"send the control token as Authorization: Bearer ... or as {TOKEN_HEADER}")


def _demand_loopback(client: ClientProperties, settings: Settings) -> None:
    if not _is_loopback_address(client.remote) or any(client.header(name) for name in FORWARDED):
        message = "the control API accepts clients on this machine only; start the mock with --control-token"
        raise ControlError(403, message)
    if not is_loopback(client.host) and client.host != settings.host.strip("[]").lower():
        raise ControlError(403, "the Host header names another machine; use 127.0.0.1 or localhost")


def _is_loopback_address(remote: str) -> bool:
    """Also true for the IPv4-mapped form ::ffff:127.0.0.1, which dual-stack sockets report."""
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _authority(origin: str) -> str:
    """host:port of an Origin; "null" for an opaque origin, which matches no Host."""
    try:
        return urlsplit(origin).netloc.lower() or "null"
    except ValueError:
        return "null"


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
