"""What a target is: a client that reaches it, the door it has, and what it can do.

Capabilities say what a test may rely on; the table below says what each means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from ..model import Answer, Sent

CAPABILITIES: Mapping[str, str] = {
    "paid": "each success costs money; only planned cases go there",
    "control": "has our control API under /_mock/",
    "deterministic": "the same positive seed gives the same bytes",
    "exact_pixels": "pixels outside the changed area are the input's own, up to JPEG error",
    "assumptions": "rows of codes.json that we only assumed hold there too",
    "reason": "names the rule it refused by, in X-Volcv-Mock-Reason",
    "reaches_loopback": "fetches picture URLs from 127.0.0.1",
    "real_time": "an answer takes the time it says",
    "replays": "answers are recorded ones: their ids are old",
    "signs": "credentials are signatures, not a Bearer key",
    "socket": "framing, chunks and keep-alive are real",
}


class Unreachable(Exception):
    """The target gave no answer, or the key to it is missing: nothing was judged."""


@dataclass
class Target:
    """A place that answers, and how to talk to it. `secrets` must never turn up anywhere."""

    name: str
    client: httpx.Client
    path: str
    capabilities: frozenset[str]
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: httpx.Auth | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)
    close_with: tuple[Callable[[], object], ...] = ()

    def can(self, *capabilities: str) -> bool:
        return self.capabilities.issuperset(capabilities)

    def send(self, sent: Sent) -> Answer:
        """Send one request and read its whole answer."""
        headers = {**(self.credentials if sent.is_authorized else {}), **dict(sent.headers)}
        auth = self.auth if sent.is_authorized else None
        request = self.client.build_request(
            sent.method, sent.path or self.path, params=list(sent.query) or None, content=sent.body, headers=headers
        )
        started = time.perf_counter()
        try:
            response = self.client.send(request, auth=auth)
        except httpx.TransportError as error:
            raise Unreachable(f"{self.name}: {type(error).__name__}: {error}") from error
        elapsed_s = time.perf_counter() - started
        return Answer(response.status_code, tuple(response.headers.multi_items()), response.content, elapsed_s)

    def fetch(self, url: str) -> tuple[int, bytes]:
        """A picture the target named. Credentials are never sent along."""
        try:
            response = self.client.get(url, headers={}, auth=None)
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unreachable(f"{self.name}: picture URL: {type(error).__name__}") from error
        return response.status_code, response.content

    def close(self) -> None:
        self.client.close()
        for close in self.close_with:
            close()
