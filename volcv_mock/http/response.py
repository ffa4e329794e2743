"""Response heads as bytes, and the reply for when nothing else works."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from http import HTTPStatus

from volcv_mock import __version__
from volcv_mock._util.ascii_line import ascii_line
from volcv_mock.delivery import Reply
from volcv_mock.http.framing import Head
from volcv_mock.model import Headers

_TRANSPORT_HEADERS = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})
"""Headers that the transport writes, whatever the reply carries."""
_SERVER = ("Server", f"volcv-mock/{__version__}")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def head_of(reply: Reply, length: int | None, *, keeps_alive: bool, request: Head) -> bytes:
    """Status line and headers. `length` is the Content-Length, None for none."""
    lines = [f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers_of(reply, length)]
    if not keeps_alive or request.is_http_1_0:
        lines.append(f"Connection: {'keep-alive' if keeps_alive else 'close'}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")


def headers_of(reply: Reply, length: int | None) -> Headers:
    """The headers of a reply, and those that a transport adds: Content-Length, Date and Server."""
    headers = [header for header in reply.headers if header[0].lower() not in _TRANSPORT_HEADERS]
    if length is not None:
        headers.append(("Content-Length", str(length)))
    return (*headers, ("Date", _date(int(time.time()))), _SERVER)


_dates: dict[int, str] = {}


def _date(second: int) -> str:
    """The Date header, formatted once a second."""
    if second not in _dates:
        _dates.clear()
        _dates[second] = formatdate(second, usegmt=True)
    return _dates[second]


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
    message = f"the state of this mock cannot be reached: {why}"
    document = {"error": {"message": message, "type": "mock", "code": "503"}}
    reason = ("X-Volcv-Mock-Reason", ascii_line(message, LONGEST_REASON))
    headers = (("Content-Type", "application/json"), reason)
    return Reply(503, headers, (json.dumps(document).encode(),))
