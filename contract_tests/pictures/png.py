"""A PNG writer that can also write what no sound program would.

`Rows` are raw scanlines without filter bytes. Chunks are kept apart until the end, so that a flaw can
change exactly one of them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {"L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}
CHANNELS = {"L": 1, "RGB": 3, "P": 1, "LA": 2, "RGBA": 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass
class Png:
    """A PNG in pieces: its header fields, its scanlines, and chunks before the picture data."""

    width: int
    height: int
    mode: str
    rows: Iterable[bytes] = field(repr=False)
    bits: int = 8
    interlaced: bool = False
    before: tuple[tuple[bytes, bytes], ...] = ()

    def header(self) -> bytes:
        """The body of the IHDR chunk."""
        colour = COLOUR_TYPES[self.mode]
        return struct.pack(">IIBBBBB", self.width, self.height, self.bits, colour, 0, 0, int(self.interlaced))

    def data(self) -> bytes:
        """The body of the IDAT chunk: the compressed rows."""
        rows = _interlace(list(self.rows), self.width, CHANNELS[self.mode]) if self.interlaced else self.rows
        squeezer = zlib.compressobj(1)
        parts = [squeezer.compress(b"\0" + row) for row in rows]
        return b"".join(parts) + squeezer.flush()


def write(png: Png) -> bytes:
    """The whole file, sound."""
    chunks = [(b"IHDR", png.header()), *png.before, (b"IDAT", png.data()), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(name, body) for name, body in chunks)


def chunk(name: bytes, body: bytes, crc_error: int = 0) -> bytes:
    """One chunk; `crc_error` is mixed into its checksum."""
    crc = zlib.crc32(name + body) ^ crc_error
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def split(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a file this writer wrote."""
    chunks, at = [], len(SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def join(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A PNG file of these chunks, each a name and a body."""
    return SIGNATURE + b"".join(chunk(name, body) for name, body in chunks)


def _interlace(rows: list[bytes], width: int, channels: int) -> Iterable[bytes]:
    """Adam7: seven passes of thinner pictures (8 bits per channel only)."""
    for left, top, across, down in _ADAM7:
        for row in rows[top::down]:
            picked = b"".join(row[x * channels : (x + 1) * channels] for x in range(left, width, across))
            if picked:
                yield picked
