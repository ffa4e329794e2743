"""Which URLs belong to an intercept: the official host, and the proxy bases its user names.

Both schemes count for every host. A base may carry a path of its own; what the service would see is
the rest of the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from volcv_mock import contract

PORTS = {"http": 80, "https": 443}


class BadBase(ValueError):
    """A proxy base that is none; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Base:
    """One place of ours. `port` is None for the default port of whatever scheme is used."""

    scheme: str
    host: str
    port: int | None
    prefix: str

    @property
    def url(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.prefix}"

    def inner_path(self, scheme: str, host: str, port: int | None, path: str) -> str | None:
        """The path as the service sees it, None for a URL that is not of this base."""
        own_port = self.port or PORTS.get(scheme)
        if host.lower().rstrip(".") != self.host or (port or PORTS.get(scheme)) != own_port:
            return None
        if path != self.prefix and not path.startswith(f"{self.prefix}/"):
            return None
        return path[len(self.prefix) :] or "/"


@dataclass(frozen=True, slots=True)
class InterceptedUrls:
    """All bases of one intercept, the official host first."""

    bases: tuple[Base, ...]

    def inner_path(self, scheme: str, host: str, port: int | None, path: str) -> str | None:
        found = (base.inner_path(scheme, host, port, path or "/") for base in self.bases)
        return next((inner for inner in found if inner is not None), None)

    def __str__(self) -> str:
        return ", ".join(base.url for base in self.bases)


def intercepted_urls(bases: Iterable[str]) -> InterceptedUrls:
    """The official host and these proxy bases. Raises BadBase."""
    official = Base("https", str(contract.parameter("host")), None, "")
    return InterceptedUrls(tuple(dict.fromkeys((official, *map(base_of, bases)))))


def base_of(url: object) -> Base:
    """A proxy base, given with or without the door's path. Raises BadBase."""
    if not isinstance(url, str):
        raise BadBase(_wanted(url))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadBase(_wanted(url)) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadBase(_wanted(url))
    prefix = parts.path.rstrip("/").removesuffix(str(contract.parameter("proxy_path"))).rstrip("/")
    return Base(parts.scheme, parts.hostname.lower(), None if port == PORTS[parts.scheme] else port, prefix)


def _without_user(url: object) -> str:
    """What a URL has before an @ may be a key: it is not shown."""
    return re.sub(r"(?<=//)[^/]*@", "***@", str(url))[:200]


def _wanted(url: object) -> str:
    endpoint = contract.parameter("proxy_path")
    return (
        f"proxy base {_without_user(url)!r}; wanted http:// or https://, a host and perhaps a path, without query or "
        f"user, such as 'https://api.example.com' or 'https://api.example.com{endpoint}'."
    )
