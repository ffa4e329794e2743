"""An answer as bytes: the status line and the headers that belong to HTTP rather than to the service."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from volcv_mock import __version__
from volcv_mock.http.framing import Head
from volcv_mock.model import Headers

_OURS = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})
_BODILESS = frozenset({204, 304})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body chunks, ready to be framed. Chunks are shared and never joined."""

    status: int
    headers: Headers
    body: Sequence[bytes]

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.body))


def head_of(answer: Answer, *, keeps_alive: bool, request: Head, length: int | None = None) -> bytes:
    """The head, with the length of the body unless another is asked for (a wire fault does)."""
    lines = [f"HTTP/1.1 {answer.status} {_PHRASES.get(answer.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers if name.lower() not in _OURS]
    if answer.status not in _BODILESS:
        lines.append(f"Content-Length: {answer.size_bytes if length is None else length}")
    lines += [f"Date: {_date(int(time.time()))}", f"Server: volcv-mock/{__version__}"]
    if not keeps_alive or request.is_http_1_0:
        lines.append(f"Connection: {'keep-alive' if keeps_alive else 'close'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def body_of(answer: Answer, method: str) -> Sequence[bytes]:
    """What follows the head: nothing for HEAD and for statuses that have no body."""
    return () if method == "HEAD" or answer.status in _BODILESS else answer.body


_dates: dict[int, str] = {}


def _date(second: int) -> str:
    """The Date header, made once a second."""
    if second not in _dates:
        _dates.clear()
        _dates[second] = formatdate(second, usegmt=True)
    return _dates[second]


LAST_RESORT = (
    b'{"error":{"message":"volcv-mock failed: its log on standard error says why","type":"mock","code":"500"}}'
)


def last_resort(status: int = 500) -> Answer:
    """What is left to say when the app or the world itself failed."""
    return Answer(status, (("Content-Type", "application/json"),), [LAST_RESORT])
