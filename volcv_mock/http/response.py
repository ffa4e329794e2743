"""Response heads as bytes, and the reply for when nothing else works."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from volcv_mock import __version__
from volcv_mock._util.ascii_line import ascii_line
from volcv_mock.delivery import Reply
from volcv_mock.http.framing import Head
from volcv_mock.model import Headers

_TRANSPORT_HEADERS = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})
"""Headers that the transport writes, whatever the reply carries."""
_SERVER = f"volcv-mock/{__version__}"
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def head_of(reply: Reply, length: int | None, *, keeps_alive: bool, request: Head) -> bytes:
    """Status line and headers, those of `headers_of`, written here in one pass. `length` is the Content-Length, None
    for none."""
    lines = [_STATUS_LINES.get(reply.status) or f"HTTP/1.1 {reply.status} Unknown\r\n"]
    for name, value in reply.headers:
        if name.lower() not in _TRANSPORT_HEADERS:
            lines.append(f"{name}: {value}\r\n")
    if length is not None:
        lines.append(f"Content-Length: {length}\r\n")
    lines.append(_lines_of(int(time.time())))
    if not keeps_alive or request.is_http_1_0:
        lines.append(f"Connection: {'keep-alive' if keeps_alive else 'close'}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1", "replace")


def headers_of(reply: Reply, length: int | None) -> Headers:
    """The headers of a reply, and those that a transport adds: Content-Length, Date and Server."""
    headers = [header for header in reply.headers if header[0].lower() not in _TRANSPORT_HEADERS]
    if length is not None:
        headers.append(("Content-Length", str(length)))
    return (*headers, ("Date", _date(int(time.time()))), ("Server", _SERVER))


@lru_cache(1)
def _lines_of(second: int) -> str:
    """The headers that every head has in this second."""
    return f"Date: {_date(second)}\r\nServer: {_SERVER}\r\n"


@lru_cache(1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


LONGEST_REASON = 2048
"""Of the header X-Volcv-Mock-Reason: one line of ASCII."""

LAST_RESORT = (
    b'{"error":{"message":"volcv-mock failed: its log on standard error says why","type":"mock","code":"500"}}'
)


def last_resort(status: int = 500) -> Reply:
    """The response when the service or the app raised an exception and no envelope could be made."""
    return Reply(status, (("Content-Type", "application/json"),), (LAST_RESORT,))


def state_unavailable(why: str) -> Reply:
    """The response while the common state cannot be reached. Never a code of the service: a test would believe it."""
    return of_mock(503, f"the state of this mock cannot be reached: {why}")


def of_mock(status: int, message: str) -> Reply:
    """An error of the mock itself, not of the service that it plays: without a journal entry."""
    document = {"error": {"message": message, "type": "mock", "code": str(status)}}
    reason = ("X-Volcv-Mock-Reason", ascii_line(message, LONGEST_REASON))
    headers = (("Content-Type", "application/json"), reason)
    return Reply(status, headers, (json.dumps(document).encode(),))
