"""httpx, sync and async: a respx router of ours beside the user's own.

Two routers are registered with respx. The user's is asked first, so their routes win; what matches
none of them and is not ours either is refused or let through. Ours has no routes at all, so that
nothing of it can count as uncalled. Trouble is raised as httpcore would: httpx maps it as in life.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import NoReturn

import httpcore
import httpx
import respx
from respx.models import AllMockedAssertionError, PassThrough, Route

from volcv_mock.intercept.exchange import Asked, Exchange, PendingResponse, TooLate
from volcv_mock.intercept.intercepted_urls import InterceptedUrls
from volcv_mock.intercept.unmatched import Refused, Unmatched

NO_ANSWER = {
    "reset": httpcore.ReadError("[Errno 104] Connection reset by peer"),
    "closed": httpcore.RemoteProtocolError("Server disconnected without sending a response."),
}


class NotOurs(Refused, AllMockedAssertionError):
    """A call to elsewhere, refused; respx asks its next router when it sees this."""


class HttpxIntercept:
    """`router` is the user's own: a plain respx router with nothing of ours in it."""

    def __init__(self, exchange: Exchange, intercepted_urls: InterceptedUrls, others: Unmatched) -> None:
        self.router = respx.MockRouter()
        self._ours = _Ours(exchange, intercepted_urls, others)

    def start(self) -> None:
        self.router.start()
        self._ours.start()

    def stop(self, *, quiet: bool) -> None:
        """Raises AssertionError when a route of the user's was not called, unless quiet."""
        self._ours.stop(quiet=True)
        self.router.stop(quiet=quiet)


class _Ours(respx.MockRouter):
    """Answers what lies in our territory."""

    def __init__(self, exchange: Exchange, intercepted_urls: InterceptedUrls, others: Unmatched) -> None:
        super().__init__(assert_all_called=False)
        self._exchange = exchange
        self._intercepted_urls = intercepted_urls
        self._others = others

    def handler(self, request: httpx.Request) -> httpx.Response:
        pending = self._exchange.ask(self._asked(request))
        limit_s = _read_timeout(request)
        try:
            pending.head(limit_s)
        except TooLate as late:
            raise httpcore.ReadTimeout(str(late)) from None
        return _response(pending, limit_s)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        pending = self._exchange.ask(self._asked(request))
        limit_s = _read_timeout(request)
        try:
            await pending.ahead(limit_s)
        except TooLate as late:
            raise httpcore.ReadTimeout(str(late)) from None
        return _response(pending, limit_s)

    def _asked(self, request: httpx.Request) -> Asked:
        """Raises NotOurs or PassThrough for a call to elsewhere."""
        url = request.url
        target, _, query = url.raw_path.decode("ascii", "replace").partition("?")
        path = self._intercepted_urls.inner_path(url.scheme, url.host, url.port, target)
        if path is None:
            self._elsewhere(request)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
        return Asked(url.scheme, request.method, path, query, headers, request.content, "httpx")

    def _elsewhere(self, request: httpx.Request) -> NoReturn:
        if self._others.may_pass(request.url.host) and self._is_last():
            raise PassThrough("not ours", request=request, origin=Route())
        raise NotOurs(self._others.refusal(f"{request.method} {request.url}"))

    def _is_last(self) -> bool:
        """A router that was started after us is asked before anything is let through."""
        return self.Mocker is None or self.Mocker.routers[-1] is self


def _read_timeout(request: httpx.Request) -> float | None:
    limit_s: float | None = (request.extensions.get("timeout") or {}).get("read")
    return limit_s


def _response(pending: PendingResponse, limit_s: float | None) -> httpx.Response:
    script = pending.script
    if script.no_answer:
        raise NO_ANSWER[script.no_answer]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in script.all_headers]
    stream = _Body(pending, limit_s)
    return httpx.Response(script.status, headers=headers, stream=stream, extensions={"http_version": b"HTTP/1.1"})


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The pieces of the answer, each after its wait."""

    def __init__(self, pending: PendingResponse, limit_s: float | None) -> None:
        self._pending = pending
        self._limit_s = limit_s
        self._received = 0

    def __iter__(self) -> Iterator[bytes]:
        for pause_s, piece in self._pending.script.pieces:
            try:
                self._pending.hold(pause_s, self._limit_s)
            except TooLate as late:
                raise httpcore.ReadTimeout(str(late)) from None
            yield self._take(piece)
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for pause_s, piece in self._pending.script.pieces:
            if pause_s:
                try:
                    await self._pending.ahold(pause_s, self._limit_s)
                except TooLate as late:
                    raise httpcore.ReadTimeout(str(late)) from None
            yield self._take(piece)
        self._end()

    def close(self) -> None:
        self._pending.over("left_early")

    async def aclose(self) -> None:
        self.close()

    def _take(self, piece: bytes) -> bytes:
        self._received += len(piece)
        return self._pending.sent(piece)

    def _end(self) -> None:
        script = self._pending.script
        if not script.is_short:
            self._pending.over("read_all")
            return
        self._pending.over("broken_on_purpose")
        raise httpcore.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {self._received} bytes, expected {script.length})"
        )
