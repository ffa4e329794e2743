"""Which URLs are intercepted: the official host, and the proxy bases that the user names.

Both schemes count for every host. A base may have a path of its own; the service sees the rest of the path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from volcv_mock import contract
from volcv_mock.recording.addresses import shown_address

PORTS = {"http": 80, "https": 443}


class BadBase(ValueError):
    """Not a proxy base; the message describes one."""


@dataclass(frozen=True, slots=True)
class SplitPath:
    """A URL's path in two parts: the prefix of its base, and the path as the service sees it."""

    base_path: str
    path: str


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """One intercepted base URL. `port` is None for the default port of the scheme; `prefix` is its path, without a
    trailing slash."""

    scheme: str
    host: str
    port: int | None
    prefix: str

    @property
    def url(self) -> str:
        """The base as a URL, without a trailing slash."""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.prefix}"

    def match(self, scheme: str, host: str, port: int | None, path: str) -> SplitPath | None:
        """None for a URL outside this base."""
        own_port = self.port or PORTS.get(scheme)
        if host.lower().rstrip(".") != self.host or (port or PORTS.get(scheme)) != own_port:
            return None
        if path != self.prefix and not path.startswith(f"{self.prefix}/"):
            return None
        return SplitPath(self.prefix, path[len(self.prefix) :] or "/")


@dataclass(frozen=True, slots=True)
class InterceptedUrls:
    """All bases of one intercept, the official host first."""

    bases: tuple[BaseUrl, ...]

    def match(self, scheme: str, host: str, port: int | None, path: str) -> SplitPath | None:
        """The first base that a URL belongs to, None for a URL that is not intercepted."""
        found = (base.match(scheme, host, port, path or "/") for base in self.bases)
        return next((match for match in found if match is not None), None)

    def __str__(self) -> str:
        return ", ".join(base.url for base in self.bases)


def intercepted_urls(bases: Iterable[str]) -> InterceptedUrls:
    """The official host and these proxy bases. Raises BadBase."""
    official = BaseUrl("https", str(contract.parameter("host")), None, "")
    return InterceptedUrls(tuple(dict.fromkeys((official, *map(base_of, bases)))))


def base_of(url: object) -> BaseUrl:
    """A proxy base, given with or without the path of the endpoint. Raises BadBase."""
    if not isinstance(url, str):
        raise BadBase(_wanted(url))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text quotes what stands where a port should
        raise BadBase(_wanted(url)) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise BadBase(_wanted(url))
    prefix = parts.path.rstrip("/").removesuffix(str(contract.parameter("proxy_path"))).rstrip("/")
    return BaseUrl(parts.scheme, parts.hostname.lower(), None if port == PORTS[parts.scheme] else port, prefix)


def _wanted(url: object) -> str:
    endpoint = contract.parameter("proxy_path")
    return (
        f"proxy base {shown_address(str(url))[:200]!r}; wanted http:// or https://, a host and perhaps a path, without "
        f"query or user, such as 'https://api.example.com' or 'https://api.example.com{endpoint}'."
    )
