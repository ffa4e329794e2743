"""Outpainting: paints a larger picture around an unchanged original.

The new area is a mirror image of the original that becomes blurred with distance, blended with the prompt's pattern,
which becomes stronger with distance. Sizes are computed before memory is allocated, so no ratio costs memory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.dilate import Box
from volcv_mock.imaging.noise import tiled
from volcv_mock.imaging.pattern import PatternStyle, paint_pattern

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_RATIO = 1e6
"""Keeps the arithmetic finite. At this ratio the original shrinks to one pixel under any cap."""
BLUR_REDUCTION = 16
"""Reduction factor of the blurred mirror image."""
REACH_SHARE = 5
"""Full strength is reached at a fifth of the result's longer side from the original, or at the edge of the result."""


@frozen
class Sides:
    """How much to add, as shares of the picture's height and width. Negative values count as 0."""

    top: float
    bottom: float
    left: float
    right: float


@frozen
class Plan:
    """The size of the result, and the box of the original in it."""

    size: tuple[int, int]
    original: Box


@frozen
class Appearance:
    """How the new area is painted; `strength` and `influence` are 0 to 1."""

    pattern: PatternStyle
    strength: float
    influence: float


def plan(size: tuple[int, int], sides: Sides, cap: tuple[int, int]) -> Plan:
    """Width times (1 + left + right), height times (1 + top + bottom), scaled in proportion to fit the cap."""
    left, right, top, bottom = (_sane(ratio) for ratio in (sides.left, sides.right, sides.top, sides.bottom))
    wanted = (size[0] * (1 + left + right), size[1] * (1 + top + bottom))
    across, down = _shares(wanted, cap)
    limits = _at_least_1(cap)
    width, x, inner_width = _along(size[0] * across, left, right, limits[0])
    height, y, inner_height = _along(size[1] * down, top, bottom, limits[1])
    return Plan((width, height), (x, y, x + inner_width, y + inner_height))


def _along(side: float, before: float, after: float, limit: int) -> tuple[int, int, int]:
    """For one axis: the whole length, the start of the original, and its length; lengths are at least 1."""
    whole = max(1, min(_whole(side * (1 + before + after)), limit))
    inner = max(1, min(round(side), whole))
    return whole, min(round(side * before), whole - inner), inner


def _shares(wanted: tuple[float, float], cap: tuple[int, int]) -> tuple[float, float]:
    """The factors for width and height: equal, or each by its own cap under the reading `each-side`."""
    if contract.reading("outpainting-cap") == "each-side":
        limits = _at_least_1(cap)
        return min(1.0, limits[0] / wanted[0]), min(1.0, limits[1] / wanted[1])
    share = fitting(wanted, cap)
    return share, share


def _whole(length: float) -> int:
    """A length in whole pixels; which way it is rounded is a reading. A billionth allows for sums like 0.1 + 0.2."""
    rounding = contract.reading("outpainting-rounding")
    if rounding == "nearest":
        return round(length)
    return math.floor(length + 1e-9) if rounding == "down" else math.ceil(length - 1e-9)


def fitting(size: tuple[float, float], cap: tuple[int, int]) -> float:
    """The factor, at most 1, by which a picture of that size must be scaled to fit."""
    limits = _at_least_1(cap)
    return min(1.0, limits[0] / size[0], limits[1] / size[1])


def capped(picture: Image, cap: tuple[int, int]) -> Image:
    """The picture, scaled down in proportion to fit."""
    from PIL.Image import Resampling  # lazy: start-up time

    across, down = _shares(picture.size, cap)
    if across == down == 1:
        return picture
    size = (max(1, round(picture.width * across)), max(1, round(picture.height * down)))
    return picture.resize(size, Resampling.NEAREST if picture.mode == "L" else Resampling.BICUBIC)


def extend(picture: Image, to: Plan, appearance: Appearance) -> Image:
    """The picture at its place in a larger one. Its pixels are unchanged unless the plan scales it."""
    from PIL.Image import Resampling  # lazy: start-up time

    left, top, right, bottom = to.original
    inner = (right - left, bottom - top)
    original = picture if picture.size == inner else picture.resize(inner, Resampling.BICUBIC)
    if inner == to.size:
        return original
    result = _painted_over(_mirrored(original, to), _distance(to), appearance)
    result.paste(original, (left, top))
    return result


def _painted_over(result: Image, far: Image, appearance: Appearance) -> Image:
    """Blur and pattern, both stronger with the distance from the original."""
    from PIL.Image import Resampling  # lazy: start-up time

    blurred = (
        result.reduce(BLUR_REDUCTION).resize(result.size, Resampling.BICUBIC)
        if min(result.size) >= BLUR_REDUCTION
        else result
    )
    result.paste(blurred, (0, 0), far.point([round(value * 0.9 * appearance.strength) for value in range(256)]))
    pattern = paint_pattern(result.size, appearance.pattern)
    result.paste(
        pattern, (0, 0), far.point([round(value * appearance.influence * appearance.strength) for value in range(256)])
    )
    return result


def _mirrored(original: Image, to: Plan) -> Image:
    """The original, mirrored repeatedly at its edges, over the whole size."""
    from PIL import Image, ImageOps  # lazy: start-up time

    width, height = original.size
    block = Image.new("RGB", (2 * width, 2 * height))
    block.paste(original, (0, 0))
    block.paste(ImageOps.mirror(original), (width, 0))
    block.paste(ImageOps.flip(block.crop((0, 0, 2 * width, height))), (0, height))
    x, y = -to.original[0] % block.width, -to.original[1] % block.height
    turned = Image.new("RGB", block.size)
    for column in (-x, block.width - x):
        for row in (-y, block.height - y):
            turned.paste(block, (column, row))
    return tiled(turned, to.size)


def _distance(to: Plan) -> Image:
    """Grey from 0 at the original's edge to 255 at full strength, with a smooth step."""
    from PIL import Image, ImageChops  # lazy: start-up time

    left, top, right, bottom = to.original
    width, height = to.size
    reach = max(1, min(max(to.size) // REACH_SHARE, max(left, top, width - right, height - bottom)))
    row = Image.frombytes("L", (width, 1), bytes(_rise(x, left, right, reach) for x in range(width)))
    column = Image.frombytes("L", (1, height), bytes(_rise(y, top, bottom, reach) for y in range(height)))
    return ImageChops.lighter(row.resize(to.size), column.resize(to.size))


def _rise(at: int, start: int, end: int, reach: int) -> int:
    share = min(1.0, max(start - at, at - end + 1, 0) / reach)
    return round(255 * share * share * (3 - 2 * share))


def _sane(ratio: float) -> float:
    return float(min(max(ratio, 0), MAX_RATIO))


def _at_least_1(cap: tuple[int, int]) -> tuple[int, int]:
    return max(1, cap[0]), max(1, cap[1])
