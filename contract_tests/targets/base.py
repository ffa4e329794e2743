"""What a target is: a client that reaches it, the path of its endpoint, and what it can do.

Capabilities say what a test may rely on; the table below says what each means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from volcv_mock.recording.redact import known_secrets, masked

from ..model import Answer, Sent
from . import links
from .errors import BadConfiguration, NotRecorded, NotSent, Unreachable

__all__ = ["CAPABILITIES", "BadConfiguration", "NotRecorded", "NotSent", "Target", "Unreachable"]
NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What httpx raises before it sends anything; ProxyError: a proxy that opens no tunnel."""
PAUSE_S = 1.0
"""Before a picture link is asked again."""
REDIRECTS = 5

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
    "checks_keys": "refuses every Bearer key but its own",
    "checks_signatures": "verifies signatures at its official endpoint",
    "socket": "framing, chunks and keep-alive are real",
}


@dataclass
class Target:
    """An endpoint, and how to talk to it. `secrets` must never turn up anywhere."""

    name: str
    client: httpx.Client
    path: str
    capabilities: frozenset[str]
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: httpx.Auth | None = field(default=None, repr=False)
    signature: httpx.Auth | None = field(default=None, repr=False)
    """For the official endpoint of a target whose other requests carry a Bearer key."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    proxy_hint: str = ""
    """Which proxy its calls take, as a sentence; empty when they take none."""
    key_hint: str = ""
    """What to do when it refuses the key, as a sentence; empty when the suite chose both."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    close_with: tuple[Callable[[], object], ...] = ()
    shares_answers: bool = True
    sleep: Callable[[float], None] = time.sleep
    cases: tuple[str, ...] = ()
    """The ids of the cases that a recording holds; empty for every other target."""

    def can(self, *capabilities: str) -> bool:
        """Whether the target has all these capabilities."""
        return self.capabilities.issuperset(capabilities)

    def prepare(self, sent: Sent) -> httpx.Request:
        """The request as httpx would send it, without its credentials' signature. Nothing is sent.

        Raises BadConfiguration when it cannot be sent at all, so that such a call is never paid for.
        """
        headers = {**(self.credentials if sent.is_authorized else {}), **dict(sent.headers)}
        try:
            return self.client.build_request(
                sent.method, sent.path or self.path, params=list(sent.query) or None, content=sent.body, headers=headers
            )
        except (httpx.InvalidURL, ValueError, TypeError) as error:  # ValueError: UnicodeEncodeError among others
            raise BadConfiguration(self.shown(error, "the request cannot be built")) from None

    def send(self, sent: Sent) -> Answer:
        """Send one request and read its whole answer. Raises BadConfiguration or NotSent when nothing could be sent."""
        request = self.prepare(sent)
        auth = self.auth if sent.is_authorized else None
        started = time.perf_counter()
        try:
            response = self.client.send(request, auth=auth)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            raise BadConfiguration(self.shown(error, "the request cannot be sent")) from None
        except NO_CONNECTION as error:
            raise NotSent(self._with_proxy(self.shown(error))) from None
        except httpx.HTTPError as error:
            raise Unreachable(self._with_proxy(self.shown(error))) from None
        elapsed_s = time.perf_counter() - started
        return Answer(response.status_code, tuple(response.headers.multi_items()), response.content, elapsed_s)

    def shown(self, error: Exception, what: str = "") -> str:
        """The text of a library's exception without credentials: it may quote a header or a URL."""
        text = masked(str(error), (*self.secrets, *known_secrets()))
        return f"{self.name}: {what + ': ' if what else ''}{type(error).__name__}: {text}"

    def with_key_hint(self, text: str) -> str:
        """A text about refused credentials, with what to do about them."""
        return f"{text}. {self.key_hint}" if self.key_hint else text

    def _with_proxy(self, text: str) -> str:
        return f"{text}. {self.proxy_hint}" if self.proxy_hint else text

    def fetch(self, url: str) -> tuple[int, bytes]:
        """A picture that an answer links to. Credentials are never sent along.

        Redirects are followed; a link that answers with a server error, or not at all, is asked once more.
        """
        try:
            status, data = self._follow(url)
        except Unreachable:
            status, data = 0, b""
        if status and status < 500:
            return status, data
        self.sleep(PAUSE_S)
        return self._follow(url)

    def _follow(self, url: str) -> tuple[int, bytes]:
        for _ in range(REDIRECTS):
            response = self._get(url)
            location = response.headers.get("location")
            if response.status_code not in (301, 302, 303, 307, 308) or not location:
                return response.status_code, response.content
            url = links.joined(url, location)
        raise Unreachable(f"{self.name}: picture URL: more than {REDIRECTS} redirects")

    def _get(self, url: str) -> httpx.Response:
        try:
            return self.client.get(url, headers={}, auth=None, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{self.name}: picture URL: {type(error).__name__}") from None

    def close(self) -> None:
        """Close the client, and end what was started for the target."""
        self.client.close()
        for close in self.close_with:
            close()
