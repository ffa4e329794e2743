"""Every way in which a picture may be wrong, each by its name and each alone.

A mask flaw changes the Png before or after it is written; a photo flaw changes bytes. What the
documents say about a flaw stands in `classes.py`; here is only how to make it.
"""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import png

if TYPE_CHECKING:
    from .describe import Mask, Photo

ICC = (b"iCCP", b"any\0\0" + zlib.compress(b"\0" * 128))
GAMMA = (b"gAMA", struct.pack(">I", 45455))
SRGB = (b"sRGB", b"\0")
ANIMATION = (b"acTL", struct.pack(">II", 2, 0))


def damage(sound: png.Png, mask: Mask) -> bytes:
    """A mask's bytes with its one flaw, or without any."""
    if not mask.flaw:
        return png.write(sound)
    if mask.flaw in BEFORE_WRITING:
        return png.write(BEFORE_WRITING[mask.flaw](sound))
    return AFTER_WRITING[mask.flaw](png.write(sound))


def damage_photo(sound: bytes, photo: Photo) -> bytes:
    """The file with the photo's flaw written into it; unchanged without one."""
    return AFTER_WRITING[photo.flaw](sound) if photo.flaw else sound


def _with_chunk(*chunk: tuple[bytes, bytes]) -> Callable[[png.Png], png.Png]:
    return lambda sound: dataclasses.replace(sound, before=chunk)


def _one_pixel(changed: bytes) -> Callable[[png.Png], png.Png]:
    """Put `changed` over the pixel in the middle."""

    def damage(sound: png.Png) -> png.Png:
        rows = list(sound.rows)
        at, column = sound.height // 2, sound.width // 2 * len(changed)
        rows[at] = rows[at][:column] + changed + rows[at][column + len(changed) :]
        return dataclasses.replace(sound, rows=rows)

    return damage


def _deep(sound: png.Png) -> png.Png:
    """16 bits per channel: each byte twice."""
    rows = [bytes(byte for byte in row for _ in range(2)) for row in sound.rows]
    return dataclasses.replace(sound, rows=rows, bits=16)


def _shallow(bits: int) -> Callable[[png.Png], png.Png]:
    """1, 2 or 4 bits per pixel, grey."""
    per_byte = 8 // bits

    def pack(row: bytes) -> bytes:
        padded = row + b"\0" * (-len(row) % per_byte)
        groups = (padded[at : at + per_byte] for at in range(0, len(padded), per_byte))
        return bytes(int("".join(format(grey >> (8 - bits), f"0{bits}b") for grey in group), 2) for group in groups)

    return lambda sound: dataclasses.replace(sound, rows=[pack(row) for row in sound.rows], bits=bits)


def _palette(sound: png.Png) -> png.Png:
    grey = b"".join(bytes((level,) * 3) for level in range(256))
    return dataclasses.replace(sound, mode="P", before=((b"PLTE", grey),))


def _jpeg_instead(sound: png.Png) -> bytes:
    from . import jpeg

    height, width = -(-sound.height // 8) * 8, -(-sound.width // 8) * 8
    rows = [list(row) + [0] * (width - len(row)) for row in sound.rows]
    plane = rows + [[0] * width] * (height - len(rows))
    return jpeg.write([plane], sound.width, sound.height, segments=[jpeg.JFIF])


BEFORE_WRITING: dict[str, Callable[[png.Png], png.Png]] = {
    "icc profile": _with_chunk(ICC),
    "gamma chunk": _with_chunk(GAMMA),
    "srgb chunk": _with_chunk(SRGB),
    "animated": _with_chunk(ANIMATION),
    "one coloured pixel": _one_pixel(b"\xff\xfe\xff"),
    "one coloured pixel with alpha": _one_pixel(b"\xff\xfe\xff\xff"),
    "one alpha 254": _one_pixel(b"\xff\xff\xff\xfe"),
    "one alpha 0": _one_pixel(b"\0\0\0\0"),
    "16 bit": _deep,
    "1 bit": _shallow(1),
    "2 bit": _shallow(2),
    "4 bit": _shallow(4),
    "palette": _palette,
    "interlaced": lambda sound: dataclasses.replace(sound, interlaced=True),
}


def _jpeg_of(data: bytes) -> bytes:
    """A JPEG of the size of this grey PNG: what a careless client uploads as a mask."""
    width, height = struct.unpack_from(">II", data, 16)
    raw = zlib.decompress(b"".join(body for name, body in png.split(data) if name == b"IDAT"))
    rows = [raw[1 + y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    return _jpeg_instead(png.Png(width, height, "L", rows))


def _without_end(data: bytes) -> bytes:
    return data[:-12]


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _bad_crc(data: bytes) -> bytes:
    parts = [png.chunk(name, body, int(name == b"IDAT")) for name, body in png.split(data)]
    return png.SIGNATURE + b"".join(parts)


def _bad_zlib(data: bytes) -> bytes:
    return png.join([(name, b"\x78\x9c" + b"\xff" * 40 if name == b"IDAT" else body) for name, body in png.split(data)])


def _too_little_data(data: bytes) -> bytes:
    short = zlib.compress(b"\0" * 10)
    return png.join([(name, short if name == b"IDAT" else body) for name, body in png.split(data)])


def lying_header(width: int, height: int) -> Callable[[bytes], bytes]:
    """The header says one size, the data holds another: a bomb when the header is large."""

    def damage(data: bytes) -> bytes:
        chunks = png.split(data)
        head = struct.pack(">II", width, height) + chunks[0][1][8:]
        return png.join([(b"IHDR", head), *chunks[1:]])

    return damage


AFTER_WRITING: dict[str, Callable[[bytes], bytes]] = {
    "jpeg": _jpeg_of,
    "no end": _without_end,
    "half": _half,
    "bad crc": _bad_crc,
    "bad zlib": _bad_zlib,
    "too little data": _too_little_data,
    "header says 5000x5000": lying_header(5000, 5000),
    "header says 100000x100000": lying_header(100000, 100000),
    "animated photo": lambda data: png.join([(chunks := png.split(data))[0], ANIMATION, *chunks[1:]]),
    "photo of 16 bit": lambda data: _deepened(data),
    "photo with trailing bytes": lambda data: data + b"\0" * 16,
    "photo with palette": lambda data: _rewritten(data, _palette_photo),
    "photo interlaced": lambda data: _rewritten(data, lambda sound: dataclasses.replace(sound, interlaced=True)),
}


def _deepened(data: bytes) -> bytes:
    return _rewritten(data, _deep)


def _rewritten(data: bytes, change: Callable[[png.Png], png.Png]) -> bytes:
    """An RGB file written again after a change."""
    width, height = struct.unpack_from(">II", data, 16)
    raw = zlib.decompress(b"".join(body for name, body in png.split(data) if name == b"IDAT"))
    stride = width * 3 + 1
    rows = [raw[1 + y * stride : (y + 1) * stride] for y in range(height)]
    return png.write(change(png.Png(width, height, "RGB", rows)))


def _palette_photo(sound: png.Png) -> png.Png:
    """The green channel as indices of a grey palette."""
    return _palette(dataclasses.replace(sound, mode="L", rows=[row[1::3] for row in sound.rows]))


def _gif(width: int, height: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\0;"


def _bmp(width: int, height: int) -> bytes:
    stride = -(-width * 3 // 4) * 4
    body = b"\x7f" * (stride * height)
    return struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + len(body), 0, 0, 54, 40, width, height, 1, 24, 0, len(body),
                       2835, 2835, 0, 0) + body  # fmt: skip


def _webp(width: int, height: int) -> bytes:
    """A VP8X header with the right size: enough for every reader to call it WEBP."""
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _tiff(width: int, height: int) -> bytes:
    entries = struct.pack("<HHIIHHII", 0x100, 4, 1, width, 0x101, 4, 1, height)
    return b"II*\0\x08\0\0\0\x02\0" + entries + b"\0\0\0\0"


def _heic(width: int, height: int) -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + struct.pack(">II", width, height) + b"\0" * 64


def _svg(width: int, height: int) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'.encode()


FOREIGN: dict[str, Callable[[int, int], bytes]] = {
    "GIF": _gif, "BMP": _bmp, "WEBP": _webp, "TIFF": _tiff, "HEIC": _heic, "SVG": _svg,
    "text": lambda width, height: b"this is no picture",
}  # fmt: skip
