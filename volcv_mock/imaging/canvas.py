"""Outpainting: paints a larger picture around an unchanged original.

The new area is a mirror image of the original that becomes blurred with distance, blended with the prompt's pattern,
which becomes stronger with distance. Sizes are computed before memory is allocated, so no ratio costs memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import LEAST_ROWS, Box, relative, scaled, slices
from volcv_mock.imaging.fill import Reduced
from volcv_mock.imaging.mirror import Mirrored
from volcv_mock.imaging.pattern import Pattern, PatternStyle, draw_pattern

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_RATIO = 1e6
"""Keeps the arithmetic finite. At this ratio the original shrinks to one pixel under any cap."""
BLUR_REDUCTION = LEAST_ROWS
"""Reduction factor of the blurred mirror image, which is made of slices."""
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
    """The picture, scaled down in proportion to fit. Of marks, a pixel is marked where its colour is mixed with that of
    what is marked: padding must not show at the edge of what is kept."""
    from PIL.Image import Resampling  # lazy: start-up time

    across, down = _shares(picture.size, cap)
    if across == down == 1:
        return picture
    size = (max(1, round(picture.width * across)), max(1, round(picture.height * down)))
    made = scaled(picture, (0, 0, *picture.size), size, Resampling.BILINEAR)
    return made.point(_ANY) if picture.mode == "L" else made


_ANY = [0] + [255] * 255


def extend(picture: Image, to: Plan, appearance: Appearance) -> Image:
    """The picture at its place in a larger one. Its pixels are unchanged unless the plan scales it."""
    from PIL.Image import Resampling  # lazy: start-up time

    left, top, right, bottom = to.original
    inner, whole = (right - left, bottom - top), (0, 0, *picture.size)
    if inner == to.size:
        return scaled(picture, whole, inner, Resampling.BICUBIC)
    result = Mirrored(picture, whole, inner).part((-left, -top, to.size[0] - left, to.size[1] - top))
    surroundings = _surroundings(to, appearance, result.reduce(BLUR_REDUCTION))
    for box in _around(to):
        surroundings.paint(result, box, box[:2])
    return result


def continued(picture: Image, kept: Box, appearance: Appearance, places: Iterable[Box]) -> Iterator[tuple[Image, Box]]:
    """The `places` of a picture as its box `kept` goes on there, one by one; only that box is read meanwhile."""
    from PIL import Image  # lazy: start-up time

    mirrored = Mirrored(picture, kept, (kept[2] - kept[0], kept[3] - kept[1]))
    small = Image.new("RGB", (-(-picture.width // BLUR_REDUCTION), -(-picture.height // BLUR_REDUCTION)))
    for box in slices((0, 0, *picture.size)):
        small.paste(mirrored.part(relative(box, kept)).reduce(BLUR_REDUCTION), (0, box[1] // BLUR_REDUCTION))
    surroundings = _surroundings(Plan(picture.size, kept), appearance, small)
    for place in places:
        patch = mirrored.part(relative(place, kept))
        surroundings.paint(patch, place, (0, 0))
        yield patch, place


@frozen
class Surroundings:
    """Blur and pattern around an original, both stronger with the distance from it, as the tables say."""

    blurred: Reduced | None
    pattern: Pattern
    distance: Distance
    blurring: list[int]
    patterning: list[int]

    def paint(self, ground: Image, box: Box, at: tuple[int, int]) -> None:
        """Paint a box of them over `ground`, at that place."""
        far = self.distance.part(box)
        if self.blurred:
            ground.paste(self.blurred.part(box), at, far.point(self.blurring))
        ground.paste(self.pattern.part(box), at, far.point(self.patterning))


def _surroundings(to: Plan, appearance: Appearance, small: Image) -> Surroundings:
    """`small` is the mirror image of the whole, reduced by BLUR_REDUCTION. It cannot blur what is smaller than that."""
    strength = appearance.strength
    return Surroundings(
        Reduced(small, (0, 0, *to.size)) if min(to.size) >= BLUR_REDUCTION else None,
        draw_pattern(to.size, appearance.pattern),
        _distance(to),
        [round(value * 0.9 * strength) for value in range(256)],
        [round(value * appearance.influence * strength) for value in range(256)],
    )


def _around(to: Plan) -> Iterator[Box]:
    """What is around the original, in slices."""
    (width, height), (left, top, right, bottom) = to.size, to.original
    for side in ((0, 0, width, top), (0, top, left, bottom), (right, top, width, bottom), (0, bottom, width, height)):
        yield from slices(side)


@frozen
class Distance:
    """Grey from 0 at the original's edge to 255 at full strength: the larger one of its column and of its row."""

    across: Image
    down: Image

    def part(self, box: Box) -> Image:
        """A box of it."""
        from PIL import ImageChops  # lazy: start-up time

        size = (box[2] - box[0], box[3] - box[1])
        across, down = self.across.crop((box[0], 0, box[2], 1)), self.down.crop((0, box[1], 1, box[3]))
        return ImageChops.lighter(across.resize(size), down.resize(size))


def _distance(to: Plan) -> Distance:
    """The distance with a smooth step."""
    from PIL import Image  # lazy: start-up time

    left, top, right, bottom = to.original
    width, height = to.size
    reach = max(1, min(max(to.size) // REACH_SHARE, max(left, top, width - right, height - bottom)))
    across = Image.frombytes("L", (width, 1), bytes(_rise(x, left, right, reach) for x in range(width)))
    down = Image.frombytes("L", (1, height), bytes(_rise(y, top, bottom, reach) for y in range(height)))
    return Distance(across, down)


def _rise(at: int, start: int, end: int, reach: int) -> int:
    share = min(1.0, max(start - at, at - end + 1, 0) / reach)
    return round(255 * share * share * (3 - 2 * share))


def _sane(ratio: float) -> float:
    return float(min(max(ratio, 0), MAX_RATIO))


def _at_least_1(cap: tuple[int, int]) -> tuple[int, int]:
    return max(1, cap[0]), max(1, cap[1])
