"""Playback: what a client receives of one reply, step by step, worked out without a socket.

A delivery plan names a wire fault; `playback_of` turns it into bytes, pauses and an ending. Three players carry that
out: server/response_sender.py on a socket, wsgi/delivery.py as far as WSGI allows, intercept/ on the mock's clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal

from volcv_mock._util.frozen import frozen
from volcv_mock.delivery import Reply

Ending = Literal["complete", "close", "reset"]
"""What follows the last byte: the response is complete, the connection closes (FIN), or it is reset (RST)."""

Transport = Literal["socket", "intercept", "wsgi"]

_BODILESS = frozenset({204, 304})


@frozen
class WireBehaviour:
    """What a wire fault does to a response.

    `has_head`: a status line and headers are sent. `body_share`: the part of the body that is sent.
    `extra_length_bytes` is added to Content-Length. `pieces`: into how many parts the body is cut, over the duration
    of the fault. `hangs`: the duration passes on the scope's clock before the ending. `limits` names the transports
    that cannot do exactly this, and says what they do instead.
    """

    has_head: bool = True
    body_share: float = 1.0
    extra_length_bytes: int = 0
    pieces: int = 1
    hangs: bool = False
    ending: Ending = "close"
    limits: Mapping[Transport, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the client has the complete response at the end."""
        return self.has_head and self.body_share == 1 and not self.extra_length_bytes


WIRE_FAULTS: Mapping[str, WireBehaviour] = {
    "reset": WireBehaviour(
        has_head=False, ending="reset",
        limits={"wsgi": "the connection is cut after one byte of the body; a TCP reset needs volcv-mock serve"},
    ),
    "empty": WireBehaviour(
        has_head=False,
        limits={"wsgi": "the connection is cut after one byte of the body; no byte at all needs volcv-mock serve"},
    ),
    "truncate": WireBehaviour(
        body_share=0.5,
        limits={"wsgi": "the connection is cut after half the body; some servers end it otherwise"},
    ),
    "drip": WireBehaviour(pieces=50, limits={"wsgi": "some servers send the head with the first piece"}),
    "hang": WireBehaviour(
        has_head=False, hangs=True,
        limits={
            "intercept": "the clock moves at once; a client without a read timeout gets MissingTimeout",
            "wsgi": "the connection is cut after the duration; a client that leaves earlier is not noticed",
        },
    ),
    "bad_length": WireBehaviour(
        extra_length_bytes=1000,
        limits={"wsgi": "Content-Length is larger than the body; some servers correct or refuse that"},
    ),
}  # fmt: skip
"""Every wire fault of faults/, by its name."""


@frozen
class PlaybackStep:
    """A pause in seconds, then some bytes of the body."""

    pause_s: float
    chunks: Sequence[bytes] = field(repr=False)


@frozen
class Playback:
    """One response as its client receives it, from the moment it is due.

    `length` is the Content-Length, None where the status has no body. `hang_s` passes on the scope's clock before the
    ending. `is_whole`: nothing is missing, as after a `drip`, even if the connection closes.
    """

    length: int | None
    steps: tuple[PlaybackStep, ...]
    has_head: bool = True
    hang_s: float = 0.0
    ending: Ending = "complete"
    is_whole: bool = True

    @property
    def body_bytes(self) -> int:
        """Bytes of the body that are sent in all, chunk framing not counted."""
        return sum(len(chunk) for step in self.steps for chunk in step.chunks)


def content_of(reply: Reply, method: str) -> tuple[int | None, Sequence[bytes]]:
    """Content-Length and body of a response to a request with this method, before any wire fault."""
    if reply.status in _BODILESS:
        return None, ()
    return reply.size_bytes, reply.body if method != "HEAD" else ()


def playback_of(reply: Reply, method: str = "POST") -> Playback:
    """The playback of a reply to a request with this method."""
    length, body = content_of(reply, method)
    fault = reply.plan.wire
    if fault is None:
        return Playback(length, (PlaybackStep(0.0, body),))
    behaviour = WIRE_FAULTS[fault.name]
    return Playback(
        None if length is None else length + behaviour.extra_length_bytes,
        tuple(_steps(body, behaviour, fault.duration_s)) if behaviour.has_head else (),
        behaviour.has_head,
        fault.duration_s if behaviour.hangs else 0.0,
        behaviour.ending,
        behaviour.is_whole,
    )


def _steps(body: Sequence[bytes], behaviour: WireBehaviour, duration_s: float) -> Iterator[PlaybackStep]:
    if behaviour.pieces > 1:
        pieces = pieces_of(body, behaviour.pieces)
        yield from (PlaybackStep(duration_s / len(pieces), (piece,)) for piece in pieces)
    else:
        yield PlaybackStep(0.0, first_bytes(body, int(sum(map(len, body)) * behaviour.body_share)))


def first_bytes(chunks: Sequence[bytes], size_bytes: int) -> list[bytes]:
    """The first bytes of a body. At most one chunk is copied: the one that is cut."""
    taken: list[bytes] = []
    for chunk in chunks:
        taken.append(chunk if len(chunk) <= size_bytes else chunk[:size_bytes])
        size_bytes -= len(taken[-1])
    return taken


def pieces_of(chunks: Sequence[bytes], number: int) -> list[bytes]:
    """A body cut into about `number` pieces of equal size; a piece never spans two chunks."""
    step = max(1, -(-sum(map(len, chunks)) // number))
    return [chunk[start : start + step] for chunk in chunks for start in range(0, len(chunk), step)]
