"""Noise from a digest stream: the same on every machine and in every thread.

Pillow's effect_noise is not used: it draws from the shared generator of the C library, so threads would affect each
other.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

TILE = 128
"""Side of one noise tile in pixels; a smaller tile would visibly repeat."""


def stream(length: int, *parts: object) -> bytes:
    """`length` bytes that depend on every part."""
    return hashlib.shake_128(draws.digest(*parts)).digest(length)


def numbers(count: int, *parts: object) -> list[float]:
    """`count` numbers in (0, 1) from one digest, which is cheaper than one digest per number."""
    words = struct.unpack(f">{count}I", stream(4 * count, *parts))
    return [(word + 0.5) / 2**32 for word in words]


def clouds(size: tuple[int, int], cells: int, *parts: object) -> Image:
    """A smooth grey field around 128, with `cells` light and dark spots along its longer side."""
    from PIL import Image, ImageChops  # lazy: start-up time

    width, height = size
    longest = max(width, height)
    field = Image.new("L", size, 128)
    for octave in (1, 2):
        grid = tuple(max(2, round(cells * octave * side / longest)) for side in size)
        layer = Image.frombytes("L", (grid[0], grid[1]), stream(grid[0] * grid[1], octave, *parts))
        layer = layer.resize(size, Image.Resampling.BICUBIC)
        field = layer if octave == 1 else ImageChops.blend(field, layer, 0.35)
    return field


def grain(share: float, *parts: object) -> Image:
    """A tile of fine grey noise around 128, in RGB: the mean of two uniform tiles, reduced to `share`."""
    from PIL import Image  # lazy: start-up time

    one, other = (Image.frombytes("L", (TILE, TILE), stream(TILE * TILE, layer, *parts)) for layer in range(2))
    tile = weaker(Image.blend(one, other, 0.5), share)
    return Image.merge("RGB", (tile, tile, tile))


def weaker(field: Image, share: float) -> Image:
    """A field around 128 with its deviations reduced to `share`."""
    return field.point(swings(share) * len(field.getbands()))


@lru_cache(64)
def swings(share: float) -> tuple[int, ...]:
    """The lookup table for `weaker`; few shares occur, and each takes 90 us."""
    return tuple(round(128 + (value - 128) * share) for value in range(256))


def tiled(tile: Image, size: tuple[int, int]) -> Image:
    """The tile, repeated over `size`."""
    from PIL import Image  # lazy: start-up time

    sheet = Image.new(tile.mode, size)
    sheet.paste(tile, (0, 0))
    repeat(sheet, tile.size)
    return sheet


def repeat(sheet: Image, done: tuple[int, int]) -> None:
    """Repeat the left upper part of a sheet, of the size `done`, over all of it, with a logarithmic number of
    pastes."""
    for axis in (0, 1):
        _repeat(sheet, done[axis], axis)


def _repeat(sheet: Image, done: int, axis: int) -> None:
    while done < sheet.size[axis]:
        box = (0, 0, done, sheet.height) if axis == 0 else (0, 0, sheet.width, done)
        sheet.paste(sheet.crop(box), (done, 0) if axis == 0 else (0, done))
        done *= 2
