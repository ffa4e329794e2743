"""Descriptions become bytes here, once each: the results are kept by description.

Scenes are made of flat 16x16 tiles, because those survive JPEG almost exactly and a fill from the
surroundings cannot reproduce them by accident.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from . import flaws, jpeg, png
from .describe import Mask, Photo

TILE = 16
Colour = tuple[int, int, int]


@lru_cache(maxsize=512)
def render(picture: Photo | Mask) -> bytes:
    """The file that a description describes."""
    if isinstance(picture, Photo):
        return _photo(picture)
    return flaws.damage(_mask_png(picture), picture)


def tile_colour(scene: int, column: int, row: int) -> Colour:
    """The colour of one tile: any lightness, little colour, so that chroma subsampling costs little."""
    draw = hashlib.blake2b(f"{scene}/{column}/{row}".encode(), digest_size=4).digest()
    light = 56 + draw[0] % 136
    return light, light + draw[1] % 33 - 16, light + draw[2] % 33 - 16


def _photo(photo: Photo) -> bytes:
    if photo.format in flaws.FOREIGN:
        return flaws.FOREIGN[photo.format](photo.width, photo.height)
    plain = _jpeg(photo) if photo.format == "JPEG" else _photo_png(photo)
    padded = _padded(plain, photo) if photo.pad_to else plain
    return flaws.damage_photo(padded, photo)


def _photo_png(photo: Photo) -> bytes:
    mode = photo.mode if photo.mode in png.CHANNELS else "RGB"
    return png.write(png.Png(photo.width, photo.height, mode, _scene_rows(photo, mode)))


def _scene_rows(photo: Photo, mode: str) -> Iterator[bytes]:
    for top in range(0, photo.height, TILE):
        colours = [tile_colour(photo.scene, x // TILE, top // TILE) for x in range(0, photo.width, TILE)]
        row = b"".join(_pixel(colour, mode) * TILE for colour in colours)[: photo.width * png.CHANNELS[mode]]
        for _ in range(min(TILE, photo.height - top)):
            yield row


def _pixel(colour: Colour, mode: str) -> bytes:
    if mode in ("L", "LA"):
        return bytes((colour[0], 255))[: len(mode)]
    return bytes((*colour, 255))[: len(mode)]


def _jpeg(photo: Photo) -> bytes:
    count = {"L": 1, "RGB": 3, "CMYK": 4}[photo.mode]
    planes = [_plane(photo, number) for number in range(count)]
    segments = [jpeg.ADOBE_CMYK if count == 4 else jpeg.JFIF]
    if photo.orientation != 1:
        segments.append(jpeg.exif(photo.orientation))
    return jpeg.write(planes, photo.width, photo.height, progressive=photo.progressive, segments=segments)


def _plane(photo: Photo, number: int) -> jpeg.Plane:
    width, height = -(-photo.width // 8) * 8, -(-photo.height // 8) * 8
    plane = []
    for top in range(0, height, TILE):
        samples = [_component(tile_colour(photo.scene, x // TILE, top // TILE), number) for x in range(0, width, TILE)]
        row = [sample for sample in samples for _ in range(TILE)][:width]
        plane += [row] * min(TILE, height - top)
    return plane


def _component(colour: Colour, number: int) -> int:
    """Y, Cb, Cr of a colour (JFIF); the fourth component of a CMYK file is constant."""
    red, green, blue = colour
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return round((light, 128 + (blue - light) * 0.564, 128 + (red - light) * 0.713, 255)[number])


def _padded(plain: bytes, photo: Photo) -> bytes:
    """The same picture in a file of exactly `pad_to` bytes, padded where readers do not look."""
    if photo.format == "PNG":
        chunks = png.split(plain)
        filler = b"\0" * (photo.pad_to - len(plain) - 12)
        return png.join([*chunks[:-1], (b"fiLl", filler), chunks[-1]])
    return plain[:2] + _comments(photo.pad_to - len(plain)) + plain[2:]


def _comments(size: int) -> bytes:
    """COM segments of `size` bytes altogether, none smaller than a marker."""
    parts = []
    while size:
        take = size if size <= 65000 else min(65000, size - 4)
        parts.append(jpeg.segment(0xFE, b"\0" * (take - 4)))
        size -= take
    return b"".join(parts)


def _mask_png(mask: Mask) -> png.Png:
    return png.Png(mask.width, mask.height, mask.mode, _mask_rows(mask))


def _mask_rows(mask: Mask) -> list[bytes]:
    ground, marked = (bytes(_pixel((shade,) * 3, mask.mode)) for shade in (mask.ground, mask.level))
    empty = ground * mask.width
    if mask.marked is None:
        return [empty] * mask.height
    box = mask.marked
    left, right = max(box.x, 0), min(box.x + box.width, mask.width)
    full = ground * left + marked * (right - left) + ground * (mask.width - right)
    return [full if box.y <= y < box.y + box.height else empty for y in range(mask.height)]
