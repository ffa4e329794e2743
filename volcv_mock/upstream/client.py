"""Sends requests to the upstream with httpx: from one asyncio thread for the socket server, blocking for the others.

No cookie is kept, no redirect followed, no proxy of the environment used, and nothing is sent twice: a call that may
have been paid for is never repeated. An error becomes a Problem in the Incoming; nothing is raised.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, BinaryIO

import httpx

from volcv_mock.config import Settings
from volcv_mock.model import Incoming, Outgoing, Problem
from volcv_mock.upstream.answers import SOURCE
from volcv_mock.upstream.spool import chunks

MAX_ANSWER_BYTES = 64_000_000
"""More than twice the largest picture in base64."""

CONNECT_S = 10.0
POOLS = 16
"""httpcore looks at every connection of a pool for each request; many small pools keep 1000 requests cheap."""

MARK = "volcv_mock_upstream"
"""The extension by which the intercept knows a request of the mock itself."""


class AsyncUpstream:
    """Sends from its own thread, in which any number of requests wait. `close` ends the thread."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.upstream_timeout_s
        trust = _trust(settings)
        self._pools = [httpx.AsyncHTTPTransport(verify=trust, limits=_limits()) for _ in range(POOLS)]
        self._turns = itertools.cycle(self._pools)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="volcv-mock upstream", daemon=True)
        self._thread.start()

    def start(self, request: Outgoing, uploaded: Callable[[], None], done: Callable[[Incoming], None]) -> Call:
        """Send a request. `uploaded` and `done` are called in the thread of the loop; `done` unless cancelled."""
        call = Call(self._loop)
        self._loop.call_soon_threadsafe(self._begin, call, self._send(request, uploaded, done))
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

    def _begin(self, call: Call, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        call.task = task

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        closing = self._loop.create_task(self._close_pools())
        closing.add_done_callback(lambda _: self._loop.stop())

    async def _close_pools(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pool in self._pools:
            with suppress(Exception):
                await pool.aclose()

    async def _send(self, request: Outgoing, uploaded: Callable[[], None], done: Callable[[Incoming], None]) -> None:
        done(await self._exchange(request, uploaded))

    async def _exchange(self, request: Outgoing, uploaded: Callable[[], None]) -> Incoming:
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                sent = _request(request, AsyncUpload(request.take_body(), uploaded))
                response = await next(self._turns).handle_async_request(sent)
                try:
                    chunks = [chunk async for chunk in bounded(response.aiter_bytes())]
                finally:
                    await response.aclose()
        except Exception as error:
            return Incoming(elapsed_s=time.monotonic() - began_s, problem=problem_of(error, self._timeout_s))
        return _incoming(response, chunks, began_s)


class Call:
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
            return Incoming(elapsed_s=time.monotonic() - began_s, problem=problem_of(error, self._timeout_s))
        return _incoming(response, chunks, began_s)


class Upload(httpx.SyncByteStream):
    """A body that is released when it has been sent."""

    def __init__(self, body: bytes | BinaryIO) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        body, self.body = self.body, b""
        yield from chunks(body)


class AsyncUpload(httpx.AsyncByteStream):
    """The same for asyncio; `uploaded` is called when nothing of the body is held any more."""

    def __init__(self, body: bytes | BinaryIO, uploaded: Callable[[], None]) -> None:
        self.body = body
        self._uploaded = uploaded

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts, self.body, part = chunks(self.body), b"", b""
        for part in parts:
            yield part
        del part, parts
        self._uploaded()


class TooLong(Exception):
    """The answer is longer than MAX_ANSWER_BYTES."""


def problem_of(error: Exception, timeout_s: float) -> Problem:
    """Why there is no answer. Texts of libraries are shown only where they cannot quote a header."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        wanted, fix = f"an answer within {timeout_s:g} s", "Is the upstream up? --upstream-timeout-s sets the limit."
        return Problem("upstream", "no answer in time", wanted, fix, "upstream_timeout", SOURCE)
    if isinstance(error, TooLong):
        found, fix = f"more than {MAX_ANSWER_BYTES} bytes", "Is --upstream the address of the API?"
        return Problem("upstream", found, "an answer of the service", fix, "upstream_unusable", SOURCE)
    shown = f": {error}"[:200] if isinstance(error, httpx.NetworkError) and str(error) else ""
    fix = "Check the address of --upstream, and whether it can be reached from here."
    found = f"{type(error).__name__}{shown}"
    return Problem("upstream", found, "an HTTP response", fix, "upstream_unreachable", SOURCE)


def _request(request: Outgoing, stream: Upload | AsyncUpload, read_s: float | None = None) -> httpx.Request:
    headers = [(_bytes(name), _bytes(value)) for name, value in request.headers]
    headers.append((b"Content-Length", str(request.body_bytes).encode()))
    timeouts = {"connect": CONNECT_S, "read": read_s, "write": read_s, "pool": None}
    extensions = {"timeout": timeouts, MARK: True}
    return httpx.Request(request.method, _url(request.url), headers=headers, stream=stream, extensions=extensions)


@lru_cache(maxsize=64)
def _url(text: str) -> httpx.URL:
    """The few addresses of one upstream: httpx takes a tenth of a call's time to read one."""
    return httpx.URL(text)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _incoming(response: httpx.Response, chunks: list[bytes], began_s: float) -> Incoming:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Incoming(response.status_code, headers, b"".join(chunks), time.monotonic() - began_s)


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
