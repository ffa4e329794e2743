"""Where a picture link may redirect to: the same addresses that a link itself may name, and none further inside."""

from __future__ import annotations

import ipaddress
from urllib.parse import urljoin, urlsplit

from .errors import Unreachable


def joined(url: str, location: str) -> str:
    """The address a redirect leads to. Raises Unreachable for one that a link must not name.

    It is http or https, has no credentials, and does not lead from the network to this machine or its own net.
    """
    try:
        target = urljoin(url, location)
        parts, before = urlsplit(target), urlsplit(url)
    except ValueError:
        raise Unreachable("picture URL: it redirects to an address that cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise Unreachable("picture URL: it redirects to an address that is not plain http:// or https://")
    if is_inside(parts.hostname) and not is_inside(before.hostname or ""):
        raise Unreachable("picture URL: it redirects from the network to a private address")
    return target


def is_inside(host: str) -> bool:
    """Whether a host is this machine or a private address. Names are not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
