"""Comparing the pixels of two pictures. Pillow decodes here; what a file claims is read elsewhere.

All figures are per channel, 0..255. A box is (left, top, right, bottom) as Pillow has it.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageStat

from .describe import Rect

Box = tuple[int, int, int, int]


@lru_cache(maxsize=64)
def opened(data: bytes) -> Image.Image:
    """The picture as RGB."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def decoding_problem(data: bytes) -> str:
    """Why Pillow cannot decode a file; empty when it can."""
    try:
        opened(data)
    except Exception as error:  # a decoder may raise nearly anything on a broken file
        return f"{type(error).__name__}: {error}"[:160]
    return ""


def difference(one: bytes, other: bytes) -> Image.Image:
    """Per pixel, the largest difference of the three channels."""
    red, green, blue = ImageChops.difference(opened(one), opened(other)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def changed(one: bytes, other: bytes, above: int = 40) -> Image.Image:
    """White where two pictures differ by more than JPEG noise."""
    return difference(one, other).point(lambda level: 255 if level > above else 0)


def changed_area(one: bytes, other: bytes, above: int = 40) -> int:
    """The number of pixels that differ by more than `above` levels."""
    return sum(changed(one, other, above).histogram()[1:])


def changed_box(one: bytes, other: bytes, above: int = 40) -> Box | None:
    """The box around the pixels that differ by more than `above` levels; None if none does."""
    return changed(one, other, above).getbbox()


def mean_difference(one: bytes, other: bytes, box: Box | None = None) -> float:
    """The mean difference of two pictures in levels, within `box` or on the whole."""
    shown = difference(one, other)
    return ImageStat.Stat(shown.crop(box) if box else shown).mean[0]


def mean_difference_above(one: bytes, other: bytes, above: int) -> float:
    """The mean of what each pixel differs by more than `above` levels."""
    shown = difference(one, other).point(lambda level: max(level - above, 0))
    return ImageStat.Stat(shown).mean[0]


def psnr_db(one: bytes, other: bytes, outside: Rect | None = None) -> float:
    """How alike two pictures are, in decibels; a rectangle may be left out."""
    spread = ImageChops.difference(opened(one), opened(other))
    keep = Image.new("L", spread.size, 255)
    if outside is not None:
        corners = (outside.x, outside.y, outside.x + outside.width - 1, outside.y + outside.height - 1)
        ImageDraw.Draw(keep).rectangle(corners, fill=0)
    if not keep.getextrema()[1]:
        return math.inf
    squares = ImageStat.Stat(spread, keep).sum2
    count = ImageStat.Stat(spread, keep).count
    error = sum(squares) / sum(count)
    return math.inf if error == 0 else 10 * math.log10(255 * 255 / error)


def cropped(data: bytes, box: Box) -> bytes:
    """A box of a picture, without loss."""
    buffer = io.BytesIO()
    opened(data).crop(box).save(buffer, "PNG")
    return buffer.getvalue()


def same_size(one: bytes, other: bytes) -> bool:
    """Whether both pictures have the same width and height."""
    return opened(one).size == opened(other).size


def covers(larger: Image.Image, smaller: Image.Image) -> float:
    """The share of `smaller`'s white that is white in `larger` too."""
    white = sum(smaller.histogram()[1:])
    both = sum(ImageChops.darker(larger, smaller).histogram()[1:])
    return 1.0 if not white else both / white


BLOCK = 8
"""Pixels per side of a block: small enough for a dot of a few pixels to raise its mean."""


def largest_block_difference(one: bytes, other: bytes, outside: Rect | None = None) -> float:
    """The mean difference in the block that differs most; a rectangle may be left out."""
    shown = difference(one, other)
    if outside is not None:
        corners = (outside.x, outside.y, outside.x + outside.width - 1, outside.y + outside.height - 1)
        ImageDraw.Draw(shown).rectangle(corners, fill=0)
    return float(max(shown.reduce(BLOCK).tobytes()))


JPEG_NOISE = 3
"""Levels by which the pixels of one colour differ after JPEG."""


def share_of_one_colour(data: bytes, box: Box) -> float:
    """The share of a box that has its median colour, but for JPEG noise: 1 for a flat area."""
    area = opened(data).crop(box)
    median = Image.new("RGB", area.size, tuple(ImageStat.Stat(area).median))
    red, green, blue = ImageChops.difference(area, median).split()
    levels = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(levels[: JPEG_NOISE + 1]) / sum(levels)
