"""What a client sees of one reply, step by step and without a socket: waits, pieces, and where it breaks.

The same faults as delivery/wire.py does on a socket, told as data; intercept_httpx.py and
intercept_urllib3.py turn them into what their client would have raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Literal

from volcv_mock import __version__
from volcv_mock.model import Headers, Reply, WireFault

DRIPS = 50
LENGTH_TOO_MUCH_BYTES = 1000

NoAnswer = Literal["reset", "closed"]


@dataclass(frozen=True, slots=True)
class Script:
    """`no_answer` says how the connection ends before any byte. A piece is (seconds before it, bytes);
    `length` is what Content-Length promises, `is_short` that less arrives."""

    status: int
    headers: Headers
    delay_s: float
    length: int
    pieces: Sequence[tuple[float, bytes]] = field(repr=False, default=())
    hang_s: float = 0.0
    no_answer: NoAnswer | None = None
    is_short: bool = False

    @property
    def all_headers(self) -> Headers:
        """The service's headers, and those that a socket would add."""
        framing = (("Content-Length", str(self.length)), ("Date", formatdate(time.time(), usegmt=True)))
        return (*self.headers, *framing, ("Server", f"volcv-mock/{__version__}"))


def plain(status: int, headers: Headers, body: bytes, delay_s: float = 0.0) -> Script:
    """An answer that arrives whole."""
    kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
    return Script(status, kept, delay_s, len(body), ((0.0, body),))


def script_of(reply: Reply) -> Script:
    body = b"".join(reply.body)
    whole = plain(reply.status, reply.headers, body, reply.plan.delay_s)
    fault = reply.plan.wire
    return FAULTS[fault.name](whole, body, fault) if fault else whole


def _reset(script: Script, body: bytes, fault: WireFault) -> Script:
    return replace(script, no_answer="reset", pieces=())


def _empty(script: Script, body: bytes, fault: WireFault) -> Script:
    return replace(script, no_answer="closed", pieces=())


def _hang(script: Script, body: bytes, fault: WireFault) -> Script:
    return replace(script, no_answer="closed", pieces=(), hang_s=fault.duration_s)


def _truncate(script: Script, body: bytes, fault: WireFault) -> Script:
    return replace(script, pieces=((0.0, body[: len(body) // 2]),), is_short=True)


def _bad_length(script: Script, body: bytes, fault: WireFault) -> Script:
    return replace(script, length=len(body) + LENGTH_TOO_MUCH_BYTES, is_short=True)


def _drip(script: Script, body: bytes, fault: WireFault) -> Script:
    step = max(1, -(-len(body) // DRIPS))
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    return replace(script, pieces=tuple((fault.duration_s / len(pieces), piece) for piece in pieces))


FAULTS: Mapping[str, Callable[[Script, bytes, WireFault], Script]] = {
    "reset": _reset,
    "empty": _empty,
    "hang": _hang,
    "truncate": _truncate,
    "bad_length": _bad_length,
    "drip": _drip,
}
