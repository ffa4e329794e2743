"""A second PNG writer, for tests only: it shares no line with the package, so that one mistake cannot hide in both.

A picture is a function from (x, y) to a pixel; a file is a list of (name, body) chunks.
"""

from __future__ import annotations

import zlib

START = bytes([137, 80, 78, 71, 13, 10, 26, 10])
TYPES = {"L": (0, 1), "RGB": (2, 3), "P": (3, 1), "LA": (4, 2), "RGBA": (6, 4)}


def four(number):
    return number.to_bytes(4, "big")


def head(width, height, mode="L", bits=8, interlaced=False):
    return (b"IHDR", four(width) + four(height) + bytes([bits, TYPES[mode][0], 0, 0, int(interlaced)]))


def rows(pixel, width, height, bits=8, interlaced=False):
    if not interlaced:
        return b"".join(line([pixel(x, y) for x in range(width)], bits) for y in range(height))
    steps = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return b"".join(
        line([pixel(x, y) for x in range(x0, width, dx)], bits)
        for x0, y0, dx, dy in steps
        for y in range(y0, height, dy)
        if x0 < width
    )


def line(pixels, bits):
    number, count = 1, 0
    for pixel in pixels:
        for sample in pixel:
            number, count = (number << bits) | sample, count + bits
    pad = -count % 8
    return b"\0" + ((number << pad) ^ (1 << (count + pad))).to_bytes((count + pad) // 8, "big")


def chunks(pixel, width, height, mode="L", bits=8, interlaced=False, before=()):
    packed = zlib.compress(rows(pixel, width, height, bits, interlaced))
    return [head(width, height, mode, bits, interlaced), *before, (b"IDAT", packed), (b"IEND", b"")]


def file(parts, wrong_crc=b""):
    """The bytes of the file; the chunk named by `wrong_crc` gets a checksum that does not match."""
    written = [START]
    for name, body in parts:
        crc = zlib.crc32(name + body) ^ (name == wrong_crc)
        written.append(four(len(body)) + name + body + four(crc))
    return b"".join(written)


def flat(width, height, mode="L", **options):
    """A grey picture without a feature, as bytes."""
    value = (119 >> max(0, 8 - options.get("bits", 8)),) * TYPES[mode][1]
    return file(chunks(lambda x, y: value, width, height, mode, **options))
