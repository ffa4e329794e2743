"""Trouble below HTTP, done on the socket: one function a fault. Each ends the connection.

The answer was due when these are called; what the client sees is told in one sentence each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volcv_mock.http.pieces import LENGTH_TOO_MUCH_BYTES, first_bytes, pieces_of
from volcv_mock.model import WireFault
from volcv_mock.server.channel import Channel, Gone
from volcv_mock.server.timeouts import Timeouts


@dataclass(frozen=True, slots=True)
class Broken:
    """What a fault needs: the socket, the head for a given length, the body, and a way to wait."""

    channel: Channel
    head: Callable[[int], bytes]
    body: Sequence[bytes]
    fault: WireFault
    timeouts: Timeouts
    hang: Callable[[float], None]

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.body))

    def send(self, chunks: Sequence[bytes]) -> None:
        self.channel.send(chunks, self.timeouts.write_idle_s, self.timeouts.write_total_s)


def reset(broken: Broken) -> None:
    """No byte, and a TCP RST."""
    broken.channel.reset()


def empty(broken: Broken) -> None:
    """No byte, and an orderly end."""


def truncate(broken: Broken) -> None:
    """A Content-Length that is true, half the bytes, and the end."""
    broken.send([broken.head(broken.size_bytes), *first_bytes(broken.body, broken.size_bytes // 2)])


def bad_length(broken: Broken) -> None:
    """The whole body behind a Content-Length that promises more, and the end."""
    broken.send([broken.head(broken.size_bytes + LENGTH_TOO_MUCH_BYTES), *broken.body])


def hang(broken: Broken) -> None:
    """Nothing, until the client leaves or the fault's time is over on its scope's clock."""
    broken.hang(broken.fault.duration_s)


def drip(broken: Broken) -> None:
    """The head at once, the body in pieces over the fault's time."""
    broken.send([broken.head(broken.size_bytes)])
    pieces = pieces_of(broken.body)
    pause_s = broken.fault.duration_s / max(1, len(pieces))
    for piece in pieces:
        _pause(broken.channel, pause_s)
        broken.send([piece])


def _pause(channel: Channel, seconds: float) -> None:
    """Wait, but not for a client that has left."""
    if channel.pause(seconds) == "ready":
        if channel.receive_ready(1) == b"":
            raise Gone
        channel.pause(seconds, reads=False)


FAULTS: dict[str, Callable[[Broken], None]] = {
    "reset": reset,
    "empty": empty,
    "truncate": truncate,
    "bad_length": bad_length,
    "hang": hang,
    "drip": drip,
}
