"""Soft edges inside the marked area; pixels outside it are never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import Box, grow
from volcv_mock.imaging.dilate import MARKED

if TYPE_CHECKING:
    from PIL.Image import Image

STEP = 4
"""The edge is computed at a quarter of the size and is about six pixels wide."""
ROOM = 2 * STEP
"""A mask dilated by fewer pixels has no margin for fading: the removed object would show at the edge."""
EDGE_SHARE = 150
"""Opacity, of 255, at the edge of a mask that is painted up to its edge."""
_FROM_NOTHING = [max(0, min(MARKED, 2 * (value - 128))) for value in range(256)]
_FROM_EDGE = [EDGE_SHARE + round((MARKED - EDGE_SHARE) * max(0, value - 128) / 127) for value in range(256)]


@frozen
class Cover:
    """Opacity of a painting per pixel: `small` holds it at reduced size; it is 0 outside `marks`."""

    marks: Image
    small: Image
    reach: Box

    def part(self, box: Box) -> Image:
        """The opacity of a box at full size."""
        from PIL import Image, ImageChops  # lazy: start-up time

        width, height = box[2] - box[0], box[3] - box[1]
        x, y = (box[0] - self.reach[0]) / STEP, (box[1] - self.reach[1]) / STEP
        part = (x, y, min(self.small.width, x + width / STEP), min(self.small.height, y + height / STEP))
        soft = self.small.resize((width, height), Image.Resampling.BILINEAR, box=part)
        return ImageChops.darker(soft, self.marks.crop(box))


def fading(hole: Image, box: Box, share: float = 1) -> Cover:
    """Opacity that falls to 0 at the edge of the hole."""
    return _cover(hole, box, _FROM_NOTHING, share)


def inside(marks: Image, box: Box, share: float = 1) -> Cover:
    """Opacity that falls towards the edge of the marks, to EDGE_SHARE."""
    return _cover(marks, box, _FROM_EDGE, share)


def flat(marks: Image, box: Box, share: float = 1) -> Cover:
    """The same opacity for all marked pixels."""
    return _cover(marks, box, [MARKED] * 256, share)


def _cover(marks: Image, box: Box, curve: list[int], share: float) -> Cover:
    from PIL.ImageFilter import BoxBlur  # lazy: start-up time

    reach = grow(box, 2 * STEP, marks.size)
    table = curve if share == 1 else [round(value * share) for value in curve]
    return Cover(marks, marks.reduce(STEP, box=reach).filter(BoxBlur(1)).point(table), reach)
