"""Connections to the upstream on asyncio: httpcore speaks HTTP/1.1 on them, as it does below httpx.

httpx's own pool looks at every connection for each request, and its sockets go through anyio: with 1000 calls in flight
a call took 4 to 9 ms of CPU time, on these connections it takes 0.6 to 1.1 (benchmarks/upstream.py).
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections import deque
from contextlib import suppress
from typing import Any

import httpcore

CONNECT_S = 10.0
KEPT_S = 5.0
"""How long a connection without a request is kept."""

MOST_KEPT = 100
READ_BYTES = 262_144
NEXT_ADDRESS_S = 0.25
"""After how long the next address of a name is tried beside the one before (RFC 8305, 5)."""


class Connections:
    """The connections to one origin. Used by the thread of one event loop."""

    def __init__(self, origin: httpcore.Origin, trust: ssl.SSLContext) -> None:
        self._origin = origin
        self._trust = trust if origin.scheme == b"https" else None
        self._idle: deque[httpcore.AsyncHTTP11Connection] = deque()

    async def take(self) -> httpcore.AsyncHTTP11Connection:
        """A connection for one request: the one used last that is still good, else a new one.

        Raises httpcore.ConnectError or httpcore.ConnectTimeout."""
        while self._idle:
            known = self._idle.pop()
            if not known.has_expired():
                return known
            await known.aclose()
        stream = await _opened(self._origin, self._trust)
        return httpcore.AsyncHTTP11Connection(self._origin, stream, KEPT_S)

    async def give_back(self, used: httpcore.AsyncHTTP11Connection) -> None:
        """Keep a connection whose answer was read to its end, close any other."""
        if not used.is_idle():
            await used.aclose()
            return
        self._idle.append(used)
        while len(self._idle) > MOST_KEPT or (self._idle and self._idle[0].has_expired()):
            await self._idle.popleft().aclose()

    async def close(self) -> None:
        """Close those that are kept."""
        while self._idle:
            with suppress(OSError, httpcore.NetworkError):
                await self._idle.pop().aclose()


class _Reader(asyncio.StreamReader):
    """Gives what arrived before a connection broke: an upstream may answer, then reset a request it does not read."""

    failure: BaseException | None = None
    unread_bytes = 0

    def feed_data(self, data: Any) -> None:
        self.unread_bytes += len(data)
        super().feed_data(data)

    def set_exception(self, exc: BaseException) -> None:
        self.failure = exc
        self.feed_eof()


class _Stream(httpcore.AsyncNetworkStream):
    """A connection as httpcore uses it. Without timeouts: the whole exchange has one."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._reader.read(max(max_bytes, READ_BYTES))
        self._reader.unread_bytes -= len(data)
        if not data and self._reader.failure:
            raise httpcore.ReadError(str(self._reader.failure))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._writer.write(buffer)
        try:
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._writer.close()

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` is what httpcore asks of an idle connection: bytes or an end that nobody asked for."""
        return self._has_more() if info == "is_readable" else self._writer.get_extra_info(info)

    def _has_more(self) -> bool:
        if self._reader.unread_bytes or self._reader.at_eof() or self._writer.transport.is_closing():
            return True
        number = self._writer.get_extra_info("socket").fileno()
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([number], [], [], 0)[0])
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))


async def _opened(origin: httpcore.Origin, trust: ssl.SSLContext | None) -> _Stream:
    host, loop = origin.host.decode("ascii"), asyncio.get_running_loop()
    reader = _Reader()
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        async with asyncio.timeout(CONNECT_S):
            transport, _ = await loop.create_connection(
                lambda: protocol, host, origin.port, ssl=trust, server_hostname=host if trust else None,
                happy_eyeballs_delay=NEXT_ADDRESS_S,
            )  # fmt: skip
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    except OSError as error:  # ssl.SSLError and socket.gaierror are
        raise httpcore.ConnectError(str(error)) from error
    return _Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
