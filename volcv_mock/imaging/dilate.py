"""Mask dilation: which pixels are marked, and every pixel within a radius of a marked one.

The structuring element is a square: a pixel is marked when a marked one is within `radius` columns and rows. The cost
grows with the logarithm of the radius (that of Pillow's MaxFilter with its square).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[int, int, int, int]
MARKED = 255
SLICE_PIXELS = 2**18
"""How much of a picture is worked out at a time: 1 MB of pixels, where the whole of the largest one is 64 MB."""


def slices(box: Box) -> Iterator[Box]:
    """The box as horizontal slices; none when it is empty."""
    rows = max(1, SLICE_PIXELS // max(1, box[2] - box[0]))
    for top in range(box[1], box[3], rows) if box[2] > box[0] else ():
        yield box[0], top, box[2], min(top + rows, box[3])


def marked(mask: Image, marked_from: int) -> Image:
    """The mask as 0 and 255; grey of `marked_from` or more is marked. The same object if it has no other greys."""
    if not any(mask.histogram()[1:MARKED]):
        return mask
    return mask.point([0] * marked_from + [MARKED] * (256 - marked_from))


def grow(box: Box, by: int, size: tuple[int, int]) -> Box:
    """The box, larger by `by` pixels on each side, clipped to a picture of that size."""
    left, top, right, bottom = box
    return max(0, left - by), max(0, top - by), min(size[0], right + by), min(size[1], bottom + by)


def dilate(mask: Image, radius: int) -> Image:
    """The mask, grown by `radius` pixels in each direction; unchanged for 0 and below."""
    box = mask.getbbox()
    if box is None or radius <= 0:
        return mask
    reach = grow(box, min(radius, max(mask.size)), mask.size)
    grown = mask.crop(reach)
    for axis in (0, 1):
        grown = _spread(grown, min(radius, grown.size[axis]), axis)
    return _on_black(grown, reach, mask.size)


def _on_black(part: Image, box: Box, size: tuple[int, int]) -> Image:
    from PIL import Image  # lazy: start-up time

    if part.size == size:
        return part
    whole = Image.new("L", size)
    whole.paste(part, box[:2])
    return whole


def _spread(image: Image, radius: int, axis: int) -> Image:
    """The maximum over a window of 2 * radius + 1 along one axis: over the half that begins at a pixel, and the half
    that ends there. `radius` is at most the size."""
    begins, covered = image, 1
    while covered <= radius:
        step = min(covered, radius + 1 - covered)
        begins = _lighter(begins, _moved(begins, step, axis))
        covered += step
    ends = _moved(begins, -radius, axis)
    first = begins.crop((0, 0, 1, begins.height) if axis == 0 else (0, 0, begins.width, 1))
    ends.paste(first.resize((radius, begins.height) if axis == 0 else (begins.width, radius)), (0, 0))
    return _lighter(begins, ends)


def _lighter(one: Image, other: Image) -> Image:
    from PIL import ImageChops  # lazy: start-up time

    return ImageChops.lighter(one, other)


def _moved(image: Image, by: int, axis: int) -> Image:
    """The image from column (or row) `by` on, in the same size; black outside the image."""
    left, top = (by, 0) if axis == 0 else (0, by)
    return image.crop((left, top, left + image.width, top + image.height))
