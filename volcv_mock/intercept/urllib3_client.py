"""urllib3, and so requests and the official Python SDK: one replaced function, below their retries and error mapping.

The connection pool's `_make_request` is replaced while an intercept is open. Everything above it is the client's own:
Retry objects, timeouts, the exceptions of requests. Requests to other URLs reach the original function. urllib3 2 or
later is needed: the function had another signature before.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from http.client import IncompleteRead, RemoteDisconnected, responses
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Timeout

from volcv_mock.intercept.intercepted_urls import PORTS, InterceptedUrls
from volcv_mock.intercept.pending_response import PendingResponse, TooLate
from volcv_mock.intercept.responder import InterceptedRequest, Responder
from volcv_mock.intercept.unmatched import Unmatched, UnmatchedRequest

RESET = 104
"""ECONNRESET on Linux. Clients log the number."""
BUFFER_BYTES = 65536


class Urllib3Intercept:
    """Replaces urllib3's function between `start` and `stop`."""

    def __init__(self, responder: Responder, intercepted_urls: InterceptedUrls, unmatched: Unmatched) -> None:
        if not hasattr(urllib3.HTTPResponse, "read1"):
            raise RuntimeError("urllib3 is too old for an intercept; wanted 2 or later")
        self._responder = responder
        self._intercepted_urls = intercepted_urls
        self._unmatched = unmatched
        self._make_request = HTTPConnectionPool._make_request
        self._prepare_proxy = HTTPSConnectionPool._prepare_proxy
        self._patches = [
            mock.patch.object(HTTPConnectionPool, "_make_request", self._request()),
            mock.patch.object(HTTPSConnectionPool, "_prepare_proxy", self._proxy()),
        ]

    def start(self) -> None:
        """Replace urllib3's functions that send a request and set up a proxy connection."""
        for patch in self._patches:
            patch.start()

    def stop(self) -> None:
        """Restore urllib3's functions."""
        for patch in self._patches:
            patch.stop()

    def _request(self) -> Any:
        def make_request(pool: HTTPConnectionPool, conn: Any, method: str, url: str, **kwargs: Any) -> Any:
            scheme, host, port, path, query = _target(pool, url)
            match = self._intercepted_urls.match(scheme, host, port, path)
            if match is None:
                if self._unmatched.may_pass(host):
                    return self._make_request(pool, conn, method, url, **kwargs)
                raise UnmatchedRequest(self._unmatched.refusal(f"{method} {scheme}://{host}{path}"))
            headers = _headers(kwargs.get("headers") or {}, scheme, host, port)
            body = _bytes_of(kwargs.get("body"))
            request = InterceptedRequest(scheme, method, match.base_path, match.path, query, headers, body, "urllib3")
            return _response(pool, method, url, self._responder.respond(request), kwargs)

        return make_request

    def _proxy(self) -> Any:
        def prepare_proxy(pool: HTTPSConnectionPool, conn: Any) -> None:
            """The environment may name a proxy: no connection to it is made for intercepted and for refused hosts."""
            host = str(pool.host)
            if self._unmatched.may_pass(host) and self._intercepted_urls.match("https", host, pool.port, "/") is None:
                self._prepare_proxy(pool, conn)

        return prepare_proxy


def _target(pool: HTTPConnectionPool, url: str) -> tuple[str, str, int | None, str, str]:
    """(scheme, host, port, path, query); a plain-http proxy is sent the whole URL."""
    parts = urlsplit(url)
    if parts.scheme:
        return parts.scheme, parts.hostname or "", parts.port, parts.path or "/", parts.query
    path, _, query = url.partition("?")
    return pool.scheme or "http", str(pool.host).strip("[]"), pool.port, path, query


def _headers(given: Mapping[str, Any], scheme: str, host: str, port: int | None) -> tuple[tuple[str, str], ...]:
    """As given, and the Host header that http.client would add."""
    headers = [(_text(name), _text(value)) for name, value in given.items()]
    if any(name.lower() == "host" for name, _ in headers):
        return tuple(headers)
    authority = host if port in (None, PORTS[scheme]) else f"{host}:{port}"
    return (("Host", authority), *headers)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes_of(body: Any) -> bytes:
    """The upload, whatever urllib3 was given."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return _bytes_of(body.read())
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else b"".join(map(_bytes_of, body))


def _response(
    pool: HTTPConnectionPool, method: str, url: str, pending: PendingResponse, kwargs: Mapping[str, Any]
) -> Any:
    timeout = pool._get_timeout(kwargs.get("timeout"))
    timeout.start_connect()
    limit_s = Timeout.resolve_default_timeout(timeout.read_timeout)
    try:
        pending.head(limit_s)
    except TooLate as late:
        raise ReadTimeoutError(pool, url, f"Read timed out. (read timeout={late.limit_s:g})") from None
    if not pending.playback.has_head:
        if pending.playback.ending == "reset":
            raise ConnectionResetError(RESET, "Connection reset by peer")
        raise RemoteDisconnected("Remote end closed connection without response")
    return urllib3.HTTPResponse(
        io.BufferedReader(_Body(pending, limit_s), BUFFER_BYTES),
        urllib3.HTTPHeaderDict(list(pending.headers)),
        pending.status,
        11,
        "HTTP/1.1",
        responses.get(pending.status, "Unknown"),
        bool(kwargs.get("preload_content", True)),
        bool(kwargs.get("decode_content", True)),
        pool=pool,
        connection=kwargs.get("response_conn"),
        retries=kwargs.get("retries"),
        enforce_content_length=True,
        request_method=method,
        request_url=url,
    )


class _Body(io.RawIOBase):
    """The steps of the playback as a file, as http.client reads from a socket."""

    def __init__(self, pending: PendingResponse, limit_s: float | None) -> None:
        self._pending = pending
        self._limit_s = limit_s
        self._chunks = self._waited_for()
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = memoryview(self._next())
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._pending.end("left_early")
        super().close()

    def _waited_for(self) -> Iterator[bytes]:
        """The chunks, each after its pause. Raises what a socket would raise."""
        for step in self._pending.playback.steps:
            try:
                self._pending.hold(step.pause_s, self._limit_s)
            except TooLate as late:
                raise TimeoutError(str(late)) from None
            yield from filter(None, step.chunks)

    def _next(self) -> bytes:
        """The next chunk, empty at the end; urllib3 itself notices that a body is too short."""
        chunk = next(self._chunks, b"")
        if not chunk:
            self._pending.end_body()
        return self._pending.sent(chunk)

    def readall(self) -> bytes:
        """All of the rest. http.client counts here, urllib3 does not."""
        data = bytes(super().readall() or b"")
        if self._pending.is_short:
            raise IncompleteRead(data, (self._pending.playback.length or 0) - len(data))
        return data
