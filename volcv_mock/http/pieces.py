"""Parts of a body, and the figures of the wire faults: shared by the socket server and by foreign ones."""

from __future__ import annotations

from collections.abc import Sequence

_DRIPS = 50
LENGTH_TOO_MUCH_BYTES = 1000


def first_bytes(chunks: Sequence[bytes], size_bytes: int) -> list[bytes]:
    """The first bytes of a body, cutting the one chunk that crosses the border."""
    taken: list[bytes] = []
    for chunk in chunks:
        taken.append(chunk if len(chunk) <= size_bytes else chunk[:size_bytes])
        size_bytes -= len(taken[-1])
    return taken


def pieces_of(chunks: Sequence[bytes], number: int = _DRIPS) -> list[bytes]:
    """A body cut into about `number` pieces of one size, chunk borders aside."""
    step = max(1, -(-sum(map(len, chunks)) // number))
    return [chunk[start : start + step] for chunk in chunks for start in range(0, len(chunk), step)]
