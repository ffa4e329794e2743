"""Reads PNG headers without decoding: a bounded walk over the chunks, and their checksums.

Pillow does not report most of this: it opens a 16-bit RGB PNG as "RGB", loads a file without IEND, and ignores the
checksum of the image data.
"""

from __future__ import annotations

import struct
import zlib

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging import exif
from volcv_mock.imaging.header import Header

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Left, top, step right, step down of the seven passes of an interlaced PNG."""
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_MAX_CHUNKS = 10_000
"""Bounds the walk. A 5 MiB file with the 8 KiB chunks of libpng has about 650."""


def file_kind(data: bytes) -> str:
    """The ending of a result's file, and the second half of its media type: "png" or "jpeg"."""
    return "png" if data.startswith(SIGNATURE) else "jpeg"


@frozen
class Chunk:
    """One chunk: its type, the offset of its length field, and the size of its body."""

    kind: bytes
    start: int
    size_bytes: int

    @property
    def body(self) -> slice:
        """Where the chunk's data is in the file."""
        return slice(self.start + 8, self.start + 8 + self.size_bytes)

    @property
    def end(self) -> int:
        """The offset after the chunk's checksum."""
        return self.start + 12 + self.size_bytes

    def __str__(self) -> str:
        return f"chunk {self.kind.decode('ascii', 'backslashreplace')} at byte {self.start}"


def read_png(data: bytes) -> Header:
    """The header of bytes that begin with the PNG signature. Never raises."""
    chunks, gap = _walk(data)
    if not chunks or chunks[0].kind != b"IHDR" or chunks[0].size_bytes != 13:
        return Header("PNG", flaw=gap or "the first chunk is not a 13-byte IHDR", gap=gap)
    width, height, bits, colour, packing, filtering, interlace = struct.unpack(">IIBBBBB", data[chunks[0].body])
    before_pixels = _before_pixels(chunks)
    kinds = {chunk.kind for chunk in before_pixels}
    return Header(
        "PNG",
        width,
        height,
        mode=MODES.get(colour, f"colour type {colour}"),
        bits=bits,
        has_icc_profile=b"iCCP" in kinds,
        is_animated=b"acTL" in kinds,
        is_interlaced=interlace == 1,
        orientation=_orientation(data, chunks),
        trailing_bytes=0 if gap else len(data) - chunks[-1].end,
        flaw=_flaw(width * height, colour, packing, filtering, interlace),
        gap=gap,
    )


def first_bad_checksum(data: bytes) -> str:
    """Names the first chunk whose CRC does not match its bytes; empty when all match."""
    chunks, _ = _walk(data)
    view = memoryview(data)
    for chunk in chunks:
        (stated,) = struct.unpack_from(">I", data, chunk.end - 4)
        computed = zlib.crc32(view[chunk.start + 4 : chunk.end - 4])
        if stated != computed:
            return f"{chunk} states CRC {stated:08x}, its bytes give {computed:08x}"
    return ""


def pixels_only(data: bytes) -> bytes:
    """The picture with only the chunks that define pixels, so that no text, profile or EXIF is parsed."""
    chunks, _ = _walk(data)
    if len(chunks) < _MAX_CHUNKS and all(chunk.kind in _PIXEL_CHUNKS for chunk in chunks):
        return data
    view = memoryview(data)
    kept = (view[chunk.start : chunk.end] for chunk in chunks if chunk.kind in _PIXEL_CHUNKS)
    return b"".join((SIGNATURE, *kept))


def missing_pixel_bytes(data: bytes) -> int:
    """The number of pixel bytes that the image data lacks. Inflates it, which costs as much as decoding."""
    chunks, _ = _walk(data)
    width, height, bits, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[chunks[0].body])
    passes = ADAM7 if interlace else ((0, 0, 1, 1),)
    wanted = sum(_pass_bytes(width, height, bits * _SAMPLES[colour], *grid) for grid in passes)
    packed = b"".join(data[chunk.body] for chunk in chunks if chunk.kind == b"IDAT")
    return max(0, wanted - len(zlib.decompressobj().decompress(packed, wanted)))


def _pass_bytes(width: int, height: int, pixel_bits: int, left: int, top: int, step_x: int, step_y: int) -> int:
    columns = (width - left + step_x - 1) // step_x
    rows = (height - top + step_y - 1) // step_y
    return rows * (1 + (columns * pixel_bits + 7) // 8) if columns > 0 and rows > 0 else 0


def _walk(data: bytes) -> tuple[list[Chunk], str]:
    """The complete chunks up to IEND, and what is missing if IEND was not reached."""
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while len(chunks) < _MAX_CHUNKS:
        if at + 8 > len(data):
            return chunks, "the file ends without an IEND chunk"
        size_bytes, kind = struct.unpack_from(">I4s", data, at)
        chunk = Chunk(kind, at, size_bytes)
        if chunk.end > len(data):
            return chunks, f"{chunk} says {size_bytes} bytes follow, {max(0, len(data) - at - 12)} are there"
        chunks.append(chunk)
        if kind == b"IEND":
            return chunks, ""
        at = chunk.end
    return chunks, f"no IEND chunk among the first {_MAX_CHUNKS}"


def _before_pixels(chunks: list[Chunk]) -> list[Chunk]:
    """iCCP and acTL count only before the first IDAT: decoders ignore them after it."""
    first = next((index for index, chunk in enumerate(chunks) if chunk.kind == b"IDAT"), len(chunks))
    return chunks[:first]


def _orientation(data: bytes, chunks: list[Chunk]) -> int:
    block = next((data[chunk.body] for chunk in chunks if chunk.kind == b"eXIf"), b"")
    return exif.orientation(block)


def _flaw(pixels: int, colour: int, packing: int, filtering: int, interlace: int) -> str:
    if not pixels:
        return "IHDR names a side of 0"
    if colour not in MODES:
        return f"IHDR names colour type {colour}, which does not exist"
    if packing or filtering or interlace > 1:
        return f"IHDR names compression {packing}, filter {filtering}, interlace {interlace}: not all exist"
    return ""
