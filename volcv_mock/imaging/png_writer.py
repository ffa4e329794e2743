"""A PNG writer for unusual and invalid files: 16 bits, wrong checksums, headers with wrong sizes.

`volcv-mock fixtures` and the sample bodies use it. Valid photos are written by Pillow.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from volcv_mock.imaging.png_header import ADAM7, MODES, SIGNATURE

Pixel = tuple[int, ...]
Grid = Sequence[Sequence[Pixel]]
COLOUR_TYPES = {mode: number for number, mode in MODES.items()}
CHUNKS = {
    "iCCP": b"plain\0\0" + zlib.compress(bytes(128)),
    "sRGB": b"\0",
    "gAMA": struct.pack(">I", 45455),
    "tEXt": b"Comment\0drawn by hand",
    "acTL": struct.pack(">II", 2, 0),
}
"""Content for chunks before the pixels."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One chunk to write; `crc_error` is XORed into its checksum."""

    kind: str
    body: bytes = b""
    crc_error: int = 0

    def __bytes__(self) -> bytes:
        named = self.kind.encode() + self.body
        return struct.pack(">I", len(self.body)) + named + struct.pack(">I", zlib.crc32(named) ^ self.crc_error)


def header(width: int, height: int, mode: str, bits: int = 8, interlaced: bool = False) -> Piece:
    """The IHDR chunk, whatever the file then contains."""
    fields = (width, height, bits, COLOUR_TYPES[mode], 0, 0, int(interlaced))
    return Piece("IHDR", struct.pack(">IIBBBBB", *fields))


def pieces(grid: Grid, mode: str, bits: int = 8, interlaced: bool = False, before: Sequence[Piece] = ()) -> list[Piece]:
    """The chunks of a valid PNG. Samples have `bits` bits."""
    palette = [Piece("PLTE", bytes(level for level in range(2**bits) for _ in range(3)))] if mode == "P" else []
    head = header(len(grid[0]), len(grid), mode, bits, interlaced)
    return [head, *before, *palette, Piece("IDAT", zlib.compress(scanlines(grid, bits, interlaced))), Piece("IEND")]


def joined(parts: Sequence[Piece]) -> bytes:
    """A file of these chunks."""
    return SIGNATURE + b"".join(map(bytes, parts))


def flat(width: int, height: int, samples: bytes) -> list[Piece]:
    """The chunks of a single-colour picture; fast for any size. `samples` is one 8-bit pixel."""
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[len(samples)]
    row = b"\0" + samples * width
    squeezer = zlib.compressobj(1)
    packed = b"".join([squeezer.compress(row) for _ in range(height)]) + squeezer.flush()
    return [header(width, height, mode), Piece("IDAT", packed), Piece("IEND")]


def padded(parts: Sequence[Piece], size_bytes: int) -> bytes:
    """The picture with an ancillary chunk added, so that the file has exactly `size_bytes` bytes."""
    lacking = size_bytes - len(joined([*parts, Piece("puFf")]))
    assert lacking >= 0, "the picture alone is larger than that"
    return joined([parts[0], Piece("puFf", bytes(lacking)), *parts[1:]])


def scanlines(grid: Grid, bits: int, interlaced: bool) -> bytes:
    """The rows in file order, each preceded by filter type 0."""
    if not interlaced:
        return b"".join(b"\0" + _packed(row, bits) for row in grid)
    passes = ([row[left::right] for row in grid[top::down]] for left, top, right, down in ADAM7)
    return b"".join(b"\0" + _packed(row, bits) for rows in passes for row in rows if row)


def _packed(row: Sequence[Pixel], bits: int) -> bytes:
    samples = [sample for pixel in row for sample in pixel]
    if bits == 8:
        return bytes(samples)
    if bits == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    digits = "".join(format(sample, f"0{bits}b") for sample in samples)
    digits += "0" * (-len(digits) % 8)
    return int(digits, 2).to_bytes(len(digits) // 8, "big")
