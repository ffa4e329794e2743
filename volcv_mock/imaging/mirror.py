"""A box of a picture, scaled, and mirrored at its edges over the whole plane. A part of it is made when it is needed:
the whole of a large one would be further copies of 64 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import Box, scaled_part, slices
from volcv_mock.imaging.noise import repeat

if TYPE_CHECKING:
    from PIL.Image import Image


@frozen
class Mirrored:
    """The box `place` of `picture`, scaled to tiles of `size`; a tile's left upper corner is (0, 0) of the plane."""

    picture: Image
    place: Box
    size: tuple[int, int]

    def part(self, box: Box) -> Image:
        """A box of the plane; its sides may be negative."""
        from PIL import Image  # lazy: start-up time

        wanted, (width, height) = (box[2] - box[0], box[3] - box[1]), self.size
        period = (min(wanted[0], 2 * width), min(wanted[1], 2 * height))
        sheet = Image.new("RGB", wanted)
        for part, (column, row) in self._pieces((box[0], box[1], box[0] + period[0], box[1] + period[1])):
            at = (column * width + part[0] - box[0], row * height + part[1] - box[1])
            sheet.paste(self._piece(part, column % 2 == 1, row % 2 == 1), at)
        repeat(sheet, period)
        return sheet

    def _pieces(self, box: Box) -> Iterator[tuple[Box, tuple[int, int]]]:
        """What of each tile is in the box, in slices, in the tile's own coordinates; and the tile's column and row."""
        width, height = self.size
        for column in range(box[0] // width, -(-box[2] // width)):
            for row in range(box[1] // height, -(-box[3] // height)):
                left, top = box[0] - column * width, box[1] - row * height
                right, bottom = box[2] - column * width, box[3] - row * height
                for part in slices((max(left, 0), max(top, 0), min(right, width), min(bottom, height))):
                    yield part, (column, row)

    def _piece(self, box: Box, is_mirrored: bool, is_flipped: bool) -> Image:
        """A box of one tile: cut from the picture first, so that no more than it is turned."""
        from PIL import ImageOps  # lazy: start-up time

        width, height = self.size
        across = (width - box[2], width - box[0]) if is_mirrored else (box[0], box[2])
        down = (height - box[3], height - box[1]) if is_flipped else (box[1], box[3])
        piece = self._cut((across[0], down[0], across[1], down[1]))
        piece = ImageOps.mirror(piece) if is_mirrored else piece
        return ImageOps.flip(piece) if is_flipped else piece

    def _cut(self, box: Box) -> Image:
        from PIL.Image import Resampling  # lazy: start-up time

        left, top, right, bottom = self.place
        if self.size == (right - left, bottom - top):
            return self.picture.crop((left + box[0], top + box[1], left + box[2], top + box[3]))
        return scaled_part(self.picture, self.place, self.size, box, Resampling.BICUBIC)
