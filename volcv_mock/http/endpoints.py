"""The word between app and front: what travels in the WSGI environ, and nothing the client can see.

A front that delivers by itself puts a Front there. The app hands it the reply, or the picture URLs
that it wants fetched first. Without a Front the app runs under a foreign WSGI server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volcv_mock.http.framing import Head
from volcv_mock.model import Endpoint, Fetched, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FRONT = "volcv_mock.front"


@dataclass(slots=True)
class Front:
    """One request's exchange. The app sets `reply` or `wants`."""

    head: Head
    arrived_s: float
    reply: Reply | None = None
    wants: tuple[str, ...] = ()
    fetched: Mapping[str, Fetched] = field(default_factory=dict)


def front_of(environ: WSGIEnvironment) -> Front | None:
    front = environ.get(FRONT)
    return front if isinstance(front, Front) else None


ENDPOINTS: dict[str, Endpoint] = {"": "official", "/volcv/v1": "proxy"}
"""The service's paths, without their trailing slash."""


def is_endpoint(path: str) -> bool:
    return path.rstrip("/") in ENDPOINTS


def endpoint_of(path: str) -> Endpoint:
    """The door that a path belongs to; what belongs to neither is answered as the proxy does."""
    return ENDPOINTS.get(path.rstrip("/"), "proxy")
