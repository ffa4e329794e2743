"""A small JPEG writer: baseline or progressive, 1, 3 or 4 components, no chroma subsampling.

It uses the standard quantisation (scaled to about quality 95) and Huffman tables of ITU-T T.81 Annex K.
Progressive means spectral selection only: one DC scan, then one AC scan per component.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

Plane = list[list[int]]
"""One component, rows of samples 0..255, sides a multiple of 8."""

ZIGZAG = (
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
    53, 60, 61, 54, 47, 55, 62, 63,
)  # fmt: skip
LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
    29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
    121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
QUANTISERS = tuple(max(1, (step + 5) // 10) for step in LUMINANCE)
DC_COUNTS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
DC_VALUES = tuple(range(12))
AC_COUNTS = (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D)
AC_VALUES = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
    "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_COSINES = [[math.cos((2 * x + 1) * u * math.pi / 16) * (math.sqrt(0.5) if u == 0 else 1) / 2 for x in range(8)]
            for u in range(8)]  # fmt: skip


def write(planes: Sequence[Plane], width: int, height: int, *, progressive: bool = False,
          segments: Sequence[bytes] = ()) -> bytes:  # fmt: skip
    """A JPEG file. `planes` are Y, or Y Cb Cr, or C M Y K; `segments` are whole marker segments to put first."""
    blocks = [_quantised(plane) for plane in planes]
    head = [b"\xff\xd8", *segments, _quantiser(), _frame(len(planes), width, height, progressive), *_huffman_tables()]
    scans = _progressive_scans(blocks) if progressive else [_scan(range(len(blocks)), blocks, 0, 63)]
    return b"".join([*head, *scans, b"\xff\xd9"])


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment: marker, length, body."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int) -> bytes:
    """An APP1 segment that holds nothing but an orientation."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0")


JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
ADOBE_CMYK = segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")


def _quantiser() -> bytes:
    return segment(0xDB, b"\0" + bytes(QUANTISERS[at] for at in ZIGZAG))


def _frame(components: int, width: int, height: int, progressive: bool) -> bytes:
    rows = b"".join(bytes((number + 1, 0x11, 0)) for number in range(components))
    return segment(0xC2 if progressive else 0xC0, struct.pack(">BHHB", 8, height, width, components) + rows)


def _huffman_tables() -> tuple[bytes, bytes]:
    dc = segment(0xC4, b"\x00" + bytes(DC_COUNTS) + bytes(DC_VALUES))
    return dc, segment(0xC4, b"\x10" + bytes(AC_COUNTS) + AC_VALUES)


def _codes(counts: Sequence[int], values: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Symbol -> (code, number of bits), by the canonical assignment."""
    codes, code, at = {}, 0, 0
    for length, count in enumerate(counts, start=1):
        for _ in range(count):
            codes[values[at]] = (code, length)
            code, at = code + 1, at + 1
        code <<= 1
    return codes


DC_CODES = _codes(DC_COUNTS, DC_VALUES)
AC_CODES = _codes(AC_COUNTS, AC_VALUES)


def _quantised(plane: Plane) -> list[list[int]]:
    """Every 8x8 block of a plane, transformed, divided and in zigzag order."""
    return [_transform([row[x : x + 8] for row in plane[y : y + 8]])
            for y in range(0, len(plane), 8) for x in range(0, len(plane[0]), 8)]  # fmt: skip


def _transform(block: Plane) -> list[int]:
    if all(sample == block[0][0] for row in block for sample in row):
        return [round((block[0][0] - 128) * 8 / QUANTISERS[0])] + [0] * 63
    rows = [[sum(c * (s - 128) for c, s in zip(cosine, row, strict=True)) for cosine in _COSINES] for row in block]
    columns = list(zip(*rows, strict=True))
    table = [[sum(c * s for c, s in zip(cosine, column, strict=True)) for column in columns] for cosine in _COSINES]
    flat = [value for row in table for value in row]
    return [round(flat[at] / QUANTISERS[at]) for at in ZIGZAG]


def _progressive_scans(blocks: Sequence[list[list[int]]]) -> Iterator[bytes]:
    yield _scan(range(len(blocks)), blocks, 0, 0)
    for number in range(len(blocks)):
        yield _scan([number], blocks, 1, 63)


def _scan(members: Sequence[int], blocks: Sequence[list[list[int]]], first: int, last: int) -> bytes:
    rows = b"".join(bytes((number + 1, 0x00)) for number in members)
    head = segment(0xDA, bytes((len(members),)) + rows + bytes((first, last, 0)))
    return head + _packed(_symbols(members, blocks, first, last))


def _symbols(
    members: Sequence[int], blocks: Sequence[list[list[int]]], first: int, last: int
) -> Iterator[tuple[int, int]]:
    """(value, number of bits) for every code and every amplitude, in scan order."""
    previous = dict.fromkeys(members, 0)
    for at in range(len(blocks[members[0]])):
        for number in members:
            block = blocks[number][at]
            if first == 0:
                yield from _dc(block[0] - previous[number])
                previous[number] = block[0]
            if last:
                yield from _ac(block)


def _dc(difference: int) -> Iterator[tuple[int, int]]:
    size = abs(difference).bit_length()
    yield DC_CODES[size]
    yield from _amplitude(difference, size)


def _ac(block: list[int]) -> Iterator[tuple[int, int]]:
    run = 0
    for value in block[1:]:
        if value == 0:
            run += 1
            continue
        while run > 15:
            yield AC_CODES[0xF0]
            run -= 16
        size = abs(value).bit_length()
        yield AC_CODES[run << 4 | size]
        yield from _amplitude(value, size)
        run = 0
    if run:
        yield AC_CODES[0]


def _amplitude(value: int, size: int) -> Iterator[tuple[int, int]]:
    if size:
        yield (value if value > 0 else value + (1 << size) - 1), size


def _packed(symbols: Iterator[tuple[int, int]]) -> bytes:
    """Bits to bytes, padded with ones, a zero byte stuffed after each 0xFF."""
    held, bits, out = 0, 0, bytearray()
    for value, size in symbols:
        held, bits = held << size | value, bits + size
        while bits >= 8:
            bits -= 8
            byte = held >> bits & 0xFF
            out += b"\xff\0" if byte == 0xFF else bytes((byte,))
        held &= (1 << bits) - 1
    if bits:
        byte = (held << (8 - bits) | (1 << (8 - bits)) - 1) & 0xFF
        out += b"\xff\0" if byte == 0xFF else bytes((byte,))
    return bytes(out)
