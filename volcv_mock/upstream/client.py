"""Sends requests to the upstream: from one asyncio thread for the socket server, blocking with httpx for the others.

The thread uses httpcore, on which httpx is built, on connections of its own (connections.py).

No cookie is kept, no redirect followed, no proxy of the environment used, and nothing is sent twice: a call that may
have been paid for is never repeated. An error becomes a Problem in the Incoming; nothing is raised.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, BinaryIO, cast

import httpcore
import httpx

from volcv_mock.config import Settings
from volcv_mock.delivery import Incoming, Outgoing
from volcv_mock.model import Problem
from volcv_mock.upstream.answers import SOURCE
from volcv_mock.upstream.connections import CONNECT_S, Connections
from volcv_mock.upstream.spool import chunks

NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpcore.ConnectError, httpcore.ConnectTimeout)
MAX_ANSWER_BYTES = 64_000_000
"""More than twice the largest picture in base64."""

MARK = "volcv_mock_upstream"
"""The extension by which the intercept knows a request of the mock itself."""


class AsyncUpstream:
    """Sends from its own thread, in which any number of requests wait. `close` ends the thread."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.upstream_timeout_s
        url = _url(settings.upstream)
        self._connections = Connections(httpcore.Origin(url.scheme, url.host, _port(url)), _trust(settings))
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="volcv-mock upstream", daemon=True)
        self._thread.start()

    def start(self, request: Outgoing, done: Callable[[Incoming], None]) -> PendingSend:
        """Send a request. `done` is called in the thread of the loop, unless the call is cancelled."""
        call = PendingSend(self._loop)
        self._loop.call_soon_threadsafe(self._begin, call, self._send(request, done))
        return call

    def close(self) -> None:
        """Cancel what is in flight and end the thread."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _begin(self, call: PendingSend, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        call.task = task

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        closing = self._loop.create_task(self._close())
        closing.add_done_callback(lambda _: self._loop.stop())

    async def _close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connections.close()
        await asyncio.sleep(0)  # transports close their sockets in the next iteration of the loop

    async def _send(self, request: Outgoing, done: Callable[[Incoming], None]) -> None:
        done(await self._exchange(request))

    async def _exchange(self, request: Outgoing) -> Incoming:
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._answer(request, began_s)
        except Exception as error:
            return _without_answer(error, began_s, self._timeout_s)

    async def _answer(self, request: Outgoing, began_s: float) -> Incoming:
        connection = await self._connections.take()
        try:
            url, headers = _url(request.url), _headers(request)
            upload = AsyncUpload(request.take_body())
            response = await connection.handle_async_request(
                httpcore.Request(request.method, url, headers=headers, content=upload)
            )
            packed = Packed(response.headers, cast(AsyncIterator[bytes], response.stream))
            chunks = [chunk async for chunk in bounded(packed.chunks())]
            await cast(httpx.AsyncByteStream, response.stream).aclose()
        finally:
            await self._connections.give_back(connection)
        return _incoming(response.status, response.headers, chunks, began_s)


class PendingSend:
    """A request that is under way. `cancel` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Stop the request; nothing happens once the loop has ended."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(lambda: self.task and self.task.cancel())


class BlockingUpstream:
    """Sends in the thread of the caller."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.upstream_timeout_s
        self._pool = httpx.HTTPTransport(verify=_trust(settings), limits=_limits())

    def send(self, request: Outgoing) -> Incoming:
        """The answer of the upstream, when it is complete."""
        began_s = time.monotonic()
        try:
            response = self._pool.handle_request(_request(request, Upload(request.take_body()), self._timeout_s))
            try:
                chunks = list(_bounded(response.iter_bytes()))
            finally:
                response.close()
        except Exception as error:
            return _without_answer(error, began_s, self._timeout_s)
        return _incoming(response.status_code, response.headers.raw, chunks, began_s)


class Upload(httpx.SyncByteStream):
    """A body that is released when it has been sent."""

    def __init__(self, body: bytes | BinaryIO) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        body, self.body = self.body, b""
        yield from chunks(body)


class AsyncUpload:
    """The same for asyncio."""

    def __init__(self, body: bytes | BinaryIO) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts, self.body = chunks(self.body), b""
        for part in parts:
            yield part


class Packed(httpx.AsyncByteStream):
    """The body of an answer. Some servers pack it though they were asked not to: httpx unpacks it."""

    def __init__(self, headers: list[tuple[bytes, bytes]], stream: AsyncIterator[bytes]) -> None:
        self._headers = headers
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    def chunks(self) -> AsyncIterator[bytes]:
        """What it holds, unpacked."""
        if any(name.lower() == b"content-encoding" for name, _ in self._headers):
            return httpx.Response(200, headers=self._headers, stream=self).aiter_bytes()
        return self.__aiter__()


class TooLong(Exception):
    """The answer is longer than MAX_ANSWER_BYTES."""


def _without_answer(error: Exception, began_s: float, timeout_s: float) -> Incoming:
    is_sent = not isinstance(error, NO_CONNECTION)
    return Incoming(elapsed_s=time.monotonic() - began_s, problem=problem_of(error, timeout_s), is_sent=is_sent)


def problem_of(error: Exception, timeout_s: float) -> Problem:
    """Why there is no answer. Texts of libraries are shown only where they cannot quote a header."""
    if isinstance(error, TimeoutError | httpx.TimeoutException | httpcore.TimeoutException):
        wanted, fix = f"an answer within {timeout_s:g} s", "Is the upstream up? --upstream-timeout-s sets the limit."
        return Problem("upstream", "no answer in time", wanted, fix, "upstream_timeout", SOURCE)
    if isinstance(error, TooLong):
        found, fix = f"more than {MAX_ANSWER_BYTES} bytes", "Is --upstream the address of the API?"
        return Problem("upstream", found, "an answer of the service", fix, "upstream_unusable", SOURCE)
    is_network = isinstance(error, httpx.NetworkError | httpcore.NetworkError)
    shown = f": {error}"[:200] if is_network and str(error) else ""
    fix = "Check the address of --upstream, and whether it can be reached from here."
    found = f"{type(error).__name__}{shown}"
    return Problem("upstream", found, "an HTTP response", fix, "upstream_unreachable", SOURCE)


def _request(request: Outgoing, stream: Upload, read_s: float) -> httpx.Request:
    timeouts = {"connect": CONNECT_S, "read": read_s, "write": read_s, "pool": None}
    extensions = {"timeout": timeouts, MARK: True}
    return httpx.Request(request.method, request.url, headers=_headers(request), stream=stream, extensions=extensions)


def _headers(request: Outgoing) -> list[tuple[bytes, bytes]]:
    headers = [(_bytes(name), _bytes(value)) for name, value in request.headers]
    return [*headers, (b"Content-Length", str(request.body_bytes).encode())]


@lru_cache(maxsize=64)
def _url(text: str) -> httpcore.URL:
    """The few addresses of one upstream: to read one takes a tenth of a call's time."""
    url = httpx.URL(text)
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _port(url: httpcore.URL) -> int:
    return url.port or (443 if url.scheme == b"https" else 80)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _incoming(status: int, raw: Sequence[tuple[bytes, bytes]], chunks: list[bytes], began_s: float) -> Incoming:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
    return Incoming(status, headers, b"".join(chunks), time.monotonic() - began_s)


async def bounded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of an answer. Raises TooLong."""
    left = MAX_ANSWER_BYTES
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise TooLong
        yield chunk


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = MAX_ANSWER_BYTES
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise TooLong
        yield chunk


def _trust(settings: Settings) -> ssl.SSLContext:
    """Certificates are always verified: with those of certifi, or with the file of --upstream-ca."""
    if settings.upstream_ca:
        return ssl.create_default_context(cafile=settings.upstream_ca)
    return _public_authorities()


@cache
def _public_authorities() -> ssl.SSLContext:
    """Read once: it takes as long as twenty calls, and a suite may make a mock for each test."""
    return httpx.create_ssl_context(trust_env=False)


def _limits() -> httpx.Limits:
    return httpx.Limits(max_connections=None, max_keepalive_connections=64)
