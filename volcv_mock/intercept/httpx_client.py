"""httpx, sync and async: the mock's own respx router beside the user's.

Two routers are registered with respx. The user's is asked first, so its routes win; a request that matches none of
them and no intercepted URL is refused or passes through. The mock's router has no routes, so that respx never reports
one as uncalled. Faults are raised as httpcore raises them, and httpx maps them as usual.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import NoReturn

import anyio.to_thread
import httpcore
import httpx
import respx
from respx.models import AllMockedAssertionError, PassThrough, Route

from volcv_mock.intercept.intercepted_urls import InterceptedUrls
from volcv_mock.intercept.pending_response import PendingResponse, TooLate
from volcv_mock.intercept.responder import InterceptedRequest, Responder
from volcv_mock.intercept.unmatched import Unmatched, UnmatchedRequest
from volcv_mock.upstream.client import MARK


class NotIntercepted(UnmatchedRequest, AllMockedAssertionError):
    """A refused request to another URL. respx asks its next router when it sees this."""


class HttpxIntercept:
    """`router` is the user's: a plain respx router without routes of the mock."""

    def __init__(self, responder: Responder, intercepted_urls: InterceptedUrls, unmatched: Unmatched) -> None:
        self.router = respx.MockRouter()
        self._mock = _MockRouter(responder, intercepted_urls, unmatched)

    def start(self) -> None:
        """Register the user's router first: respx asks it first."""
        self.router.start()
        self._mock.start()

    def stop(self, *, quiet: bool) -> None:
        """Raises AssertionError when a route of the user's was not called, unless quiet."""
        self._mock.stop(quiet=True)
        self.router.stop(quiet=quiet)


class _MockRouter(respx.MockRouter):
    """Answers requests to the intercepted URLs."""

    def __init__(self, responder: Responder, intercepted_urls: InterceptedUrls, unmatched: Unmatched) -> None:
        super().__init__(assert_all_called=False)
        self._responder = responder
        self._intercepted_urls = intercepted_urls
        self._unmatched = unmatched

    def handler(self, request: httpx.Request) -> httpx.Response:
        pending = self._responder.respond(self._intercepted(request))
        limit_s = _read_timeout(request)
        try:
            pending.head(limit_s)
        except TooLate as late:
            raise httpcore.ReadTimeout(str(late)) from None
        return _response(pending, limit_s)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        pending = await self._responder.respond_async(self._intercepted(request), anyio.to_thread.run_sync)
        limit_s = _read_timeout(request)
        try:
            await pending.head_async(limit_s)
        except TooLate as late:
            raise httpcore.ReadTimeout(str(late)) from None
        return _response(pending, limit_s)

    def _intercepted(self, request: httpx.Request) -> InterceptedRequest:
        """Raises NotIntercepted or PassThrough for a request to another URL, and for one of the mock's own."""
        if MARK in request.extensions:  # the mock asks its upstream
            raise PassThrough("not intercepted", request=request, origin=Route())
        url = request.url
        target, _, query = url.raw_path.decode("ascii", "replace").partition("?")
        match = self._intercepted_urls.match(url.scheme, url.host, url.port, target)
        if match is None:
            self._refuse_or_pass(request)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
        return InterceptedRequest(
            url.scheme, request.method, match.base_path, match.path, query, headers, request.content, "httpx"
        )

    def _refuse_or_pass(self, request: httpx.Request) -> NoReturn:
        if self._unmatched.may_pass(request.url.host) and self._is_last():
            raise PassThrough("not intercepted", request=request, origin=Route())
        raise NotIntercepted(self._unmatched.refusal(f"{request.method} {request.url}"))

    def _is_last(self) -> bool:
        """A router that was started later is asked before a request passes through."""
        return self.Mocker is None or self.Mocker.routers[-1] is self


def _read_timeout(request: httpx.Request) -> float | None:
    limit_s: float | None = (request.extensions.get("timeout") or {}).get("read")
    return limit_s


def _response(pending: PendingResponse, limit_s: float | None) -> httpx.Response:
    if not pending.playback.has_head:
        if pending.playback.ending == "reset":
            raise httpcore.ReadError("[Errno 104] Connection reset by peer")
        raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pending.headers]
    body = _Body(pending, limit_s)
    return httpx.Response(pending.status, headers=headers, stream=body, extensions={"http_version": b"HTTP/1.1"})


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The steps of the playback as a byte stream."""

    def __init__(self, pending: PendingResponse, limit_s: float | None) -> None:
        self._pending = pending
        self._limit_s = limit_s
        self._received = 0

    def __iter__(self) -> Iterator[bytes]:
        for step in self._pending.playback.steps:
            try:
                self._pending.hold(step.pause_s, self._limit_s)
            except TooLate as late:
                raise httpcore.ReadTimeout(str(late)) from None
            yield from map(self._take, step.chunks)
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for step in self._pending.playback.steps:
            if step.pause_s:
                try:
                    await self._pending.hold_async(step.pause_s, self._limit_s)
                except TooLate as late:
                    raise httpcore.ReadTimeout(str(late)) from None
            for chunk in step.chunks:
                yield self._take(chunk)
        self._end()

    def close(self) -> None:
        self._pending.end("left_early")

    async def aclose(self) -> None:
        self.close()

    def _take(self, chunk: bytes) -> bytes:
        self._received += len(chunk)
        return self._pending.sent(chunk)

    def _end(self) -> None:
        self._pending.end_body()
        if self._pending.is_short:
            raise httpcore.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {self._received} bytes, expected {self._pending.playback.length})"
            )
