"""Soft edges that stay inside the marked area: what lies outside is never touched.

Made for the two ways a mask is used: a removal grows it and fades over its rim, an edit paints to
its very edge and lets a little of the picture through there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.imaging.dilate import MARKED, dilate, grow

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_RIM = 4
EDGE_SHARE = 150
"""How much of the painting shows at the edge of a mask that is painted to its edge, of 255."""
_FROM_EDGE = [EDGE_SHARE + round((MARKED - EDGE_SHARE) * max(0, value - 128) / 127) for value in range(256)]


def grown(marks: Image, radius: int) -> Image:
    """The marks grown by `radius`, fading over the outermost pixels; everything within `radius` is above 0."""
    rim = min(MAX_RIM, max(0, radius) // 3)
    if rim == 0:
        return dilate(marks, radius)
    return _blurred(dilate(marks, radius - rim), rim)


def inside(marks: Image) -> Image:
    """The same marks, a little weaker towards their edge; every marked pixel stays above 0."""
    from PIL import ImageChops  # lazy: start-up time

    rim = max(1, min(MAX_RIM, min(marks.size) // 64))
    return ImageChops.darker(_blurred(marks, rim).point(_FROM_EDGE), marks)


def hard(soft: Image) -> Image:
    """Every pixel above 0, as 255."""
    return soft.point([0] + [MARKED] * 255)


def weakened(mask: Image, share: float) -> Image:
    return mask if share >= 1 else mask.point([round(value * share) for value in range(256)])


def _blurred(marks: Image, radius: int) -> Image:
    from PIL import ImageFilter  # lazy: start-up time

    box = marks.getbbox()
    if box is None:
        return marks
    reach = grow(box, 2 * radius, marks.size)
    whole = marks.copy()
    whole.paste(marks.crop(reach).filter(ImageFilter.BoxBlur(radius)), reach[:2])
    return whole
