"""The visible watermark: one line of text in a corner, white with a dark shadow.

The text comes from the client and may be empty, very long, or contain control characters. It is reduced to one clean
line, scaled to fit a quarter of the picture, and cut if it still does not fit. A character that the font lacks is
drawn as a box.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT = Path(__file__).resolve().parent / "fonts" / "wqy-microhei-gb2312.ttf"
BOTTOM_RIGHT, BOTTOM_LEFT, TOP_LEFT, TOP_RIGHT = range(4)
LONGEST = 200
"""Characters used: more than fit any picture."""
HEIGHT_SHARE = 1 / 24
MARGIN_SHARE = 1 / 40
SMALLEST, LARGEST = 9, 120
SHADOW_SHARE = 0.6


@frozen
class Watermark:
    """`position` as on the wire: 0 bottom right, 1 bottom left, 2 top left, 3 top right (S1 and S3, LogoInfo)."""

    text: str
    position: int
    opacity: float


def stamp(picture: Image, mark: Watermark) -> Image:
    """Draw the watermark in a corner of the picture, and return it: a copy of a large one is 64 MB."""
    text = clean(mark.text)
    opacity = min(1.0, max(0.0, mark.opacity))
    if not text or opacity == 0:
        return picture
    stencil = _fitted(text, picture.size)
    x, y = _place(picture.size, stencil.size, mark.position)
    shadow = stencil.point([round(value * opacity * SHADOW_SHARE) for value in range(256)])
    picture.paste((0, 0, 0), (x + 1, y + 1), shadow.crop((0, 0, stencil.width - 1, stencil.height - 1)))
    picture.paste((255, 255, 255), (x, y), stencil.point([round(value * opacity) for value in range(256)]))
    return picture


def clean(text: str) -> str:
    """One line of printable characters: each run of blanks, control characters and lone surrogates becomes a blank."""
    visible = (" " if unicodedata.category(one)[0] in "CZ" else one for one in text[:LONGEST])
    return " ".join("".join(visible).split())


def _place(picture: tuple[int, int], text: tuple[int, int], position: int) -> tuple[int, int]:
    margin = _margin(picture)
    x = margin if position in (BOTTOM_LEFT, TOP_LEFT) else picture[0] - margin - text[0]
    y = margin if position in (TOP_LEFT, TOP_RIGHT) else picture[1] - margin - text[1]
    return max(0, x), max(0, y)


def _fitted(text: str, picture: tuple[int, int]) -> Image:
    """The text mask, at most a quarter of the picture less its margin: scaled, then cut."""
    margin = _margin(picture)
    room = (max(1, picture[0] // 2 - margin), max(1, picture[1] // 2 - margin))
    size = max(SMALLEST, min(LARGEST, round(min(picture) * HEIGHT_SHARE)))
    stencil = text_mask(text, size)
    if stencil.width > room[0] and size > SMALLEST:
        stencil = text_mask(text, max(SMALLEST, size * room[0] // stencil.width))
    return stencil.crop((0, 0, min(stencil.width, room[0]), min(stencil.height, room[1])))


@lru_cache(maxsize=8)  # at most 2 MB each, for a long text on a large picture
def text_mask(text: str, size: int) -> Image:
    """The text in white on black, cropped to its ink plus one pixel. The image is shared: do not modify it."""
    from PIL import Image, ImageDraw  # lazy: start-up time

    letters = font(size)
    left, top, right, bottom = (round(edge) for edge in letters.getbbox(text))
    stencil = Image.new("L", (max(1, right - left) + 2, max(1, bottom - top) + 2))
    ImageDraw.Draw(stencil).text((1 - left, 1 - top), text, fill=255, font=letters)
    return stencil


@lru_cache(maxsize=16)
def font(size: int) -> FreeTypeFont:
    """Basic layout, because the advanced one depends on an optional library."""
    from PIL import ImageFont  # lazy: start-up time

    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)


def _margin(picture: tuple[int, int]) -> int:
    return max(2, round(min(picture) * MARGIN_SHARE))
