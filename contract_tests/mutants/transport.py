"""A mutant as an httpx transport: between any client and any inner transport, in process or over a socket."""

from __future__ import annotations

import httpx

from .base import Memory, Message, Mutant

OWN_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding"})


class MutantTransport(httpx.BaseTransport):
    """Passes each request on as the mutant would, and gives its version of the answer."""

    def __init__(self, inner: httpx.BaseTransport, mutant: Mutant) -> None:
        self._inner, self._mutant = inner, mutant
        self._memory: Memory = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, changed, and return the response, changed."""
        asked = Message(tuple(request.headers.multi_items()), request.read(), request.method, request.url.path,
                        request.url.query.decode())  # fmt: skip
        passed = self._mutant.request(asked, self._memory)
        response = self._inner.handle_request(_as_request(request, passed))
        reply = Message(_headers(response), response.read(), status=response.status_code)
        changed = self._mutant.answer(asked, reply, self._memory)
        return httpx.Response(changed.status, headers=list(changed.headers), content=changed.body)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


def _headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in response.headers.multi_items() if pair[0].lower() not in OWN_HEADERS)


def _as_request(request: httpx.Request, passed: Message) -> httpx.Request:
    headers = [pair for pair in passed.headers if pair[0].lower() not in OWN_HEADERS]
    url = request.url.copy_with(path=passed.path, query=passed.query.encode() or None)
    return httpx.Request(passed.method, url, headers=headers, content=passed.body)
