"""Boxes of a picture, and the slices in which one is worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image, Resampling

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are outside."""

SLICE_PIXELS = 2**18
"""How much of a picture is worked out at a time: 1 MB of pixels, where the whole of the largest one is 64 MB."""
LEAST_ROWS = 16
"""Of a slice, whose rows are a multiple of it: the tables of a resize are made anew for each slice."""


def grow(box: Box, by: int, size: tuple[int, int]) -> Box:
    """The box, larger by `by` pixels on each side, clipped to a picture of that size."""
    left, top, right, bottom = box
    return max(0, left - by), max(0, top - by), min(size[0], right + by), min(size[1], bottom + by)


def relative(box: Box, outer: Box) -> Box:
    """The box in the coordinates of a picture that is cut out at `outer`."""
    x, y = outer[:2]
    return box[0] - x, box[1] - y, box[2] - x, box[3] - y


def slices(box: Box, pixels: int = SLICE_PIXELS) -> Iterator[Box]:
    """The box as horizontal slices of about so many pixels; none when it is empty."""
    rows = max(LEAST_ROWS, pixels // max(1, box[2] - box[0]) // LEAST_ROWS * LEAST_ROWS)
    for top in range(box[1], box[3], rows) if box[2] > box[0] else ():
        yield box[0], top, box[2], min(top + rows, box[3])


def marked_slices(marks: Image, box: Box, pixels: int = SLICE_PIXELS) -> Iterator[Box]:
    """The slices of a box in which something is marked, each as wide as that."""
    for part in slices(box, pixels):
        inner = marks.crop(part).getbbox()
        if inner:
            yield part[0] + inner[0], part[1] + inner[1], part[0] + inner[2], part[1] + inner[3]


def scaled(picture: Image, place: Box, size: tuple[int, int], filter: Resampling) -> Image:
    """The box `place` of a picture at that size, made in slices: a resize has a further copy in between."""
    from PIL import Image  # lazy: start-up time

    result = Image.new(picture.mode, size)
    for box in slices((0, 0, *size)):
        result.paste(scaled_part(picture, place, size, box, filter), box[:2])
    return result


def scaled_part(picture: Image, place: Box, size: tuple[int, int], box: Box, filter: Resampling) -> Image:
    """A box of what the box `place` of a picture is at that size."""
    left, top, right, bottom = place
    across, down = (right - left) / size[0], (bottom - top) / size[1]
    part = (left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down)
    return picture.resize((box[2] - box[0], box[3] - box[1]), filter, box=part)
