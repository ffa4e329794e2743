"""Mask dilation: which pixels are marked, and every pixel within a radius of a marked one.

The structuring element is a square: a pixel is marked when a marked one is within `radius` columns and rows. The cost
grows with the logarithm of the radius (that of Pillow's MaxFilter with its square).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.imaging.boxes import Box, grow

if TYPE_CHECKING:
    from PIL.Image import Image

MARKED = 255


def marked(mask: Image, marked_from: int) -> Image:
    """The mask as 0 and 255; grey of `marked_from` or more is marked. The same object if it has no other greys."""
    if not any(mask.histogram()[1:MARKED]):
        return mask
    return mask.point(threshold(marked_from))


def threshold(marked_from: int) -> list[int]:
    """The lookup table that marks grey of `marked_from` or more."""
    return [0] * marked_from + [MARKED] * (256 - marked_from)


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
