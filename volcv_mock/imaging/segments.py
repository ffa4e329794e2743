"""Divides a picture into areas of similar colour, for entity_seg. No model: a stand-in that gives usable masks.

The picture is reduced to a small grid of a few colours; connected cells of one colour are an area. Small areas count
as unsure. The same picture gives the same areas on every machine.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen

if TYPE_CHECKING:
    from PIL.Image import Image

COARSE_SIDE, FINE_SIDE = 48, 96
"""Cells along the longer side of the picture."""
COLOURS = 6
SMALLEST_SHARE = 0.01
"""The share of the picture below which an area counts as unsure."""
UNSURE = 0
MARKED = 255


@frozen
class Segments:
    """The areas of a picture of `size`. `grid` has a label per cell: 0 for unsure, then 1 for the largest area.

    `scores` has one number in (0, 1) for each label.
    """

    size: tuple[int, int]
    grid: Image
    labels: tuple[int, ...]
    scores: tuple[float, ...]

    def label_map(self) -> Image:
        """One channel, as large as the picture: each pixel has the label of its area."""
        return self._enlarged(self.grid)

    def mask(self, label: int) -> Image:
        """One channel: 255 in the area, 0 elsewhere."""
        return self._enlarged(self.grid.point([MARKED if value == label else 0 for value in range(256)]))

    def layer(self, label: int) -> Image:
        """One channel of confidence: 255 within the area, less towards its edge."""
        from PIL import ImageFilter  # lazy: start-up time

        cells = self.grid.point([MARKED if value == label else 0 for value in range(256)])
        return self._enlarged(cells.filter(ImageFilter.BoxBlur(1)))

    def _enlarged(self, cells: Image) -> Image:
        from PIL.Image import Resampling  # lazy: start-up time

        return cells.resize(self.size, Resampling.NEAREST)


def segments(picture: Image, most: int, *, is_fine: bool = False) -> Segments:
    """At most `most` areas, the largest first, and at least one: where all are small, as in noise, the largest. With
    `is_fine` on a grid of twice the resolution."""
    from PIL.Image import Resampling, new  # lazy: start-up time

    share = min(1.0, (FINE_SIDE if is_fine else COARSE_SIDE) / max(picture.size))
    cells = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    colours = picture.resize(cells, Resampling.BOX).quantize(COLOURS).tobytes()
    areas = _areas(colours, cells[0])
    sizes = Counter(areas).most_common()
    large = [area for area, count in sizes if count >= SMALLEST_SHARE * len(areas)] or [sizes[0][0]]
    large = large[: max(1, most)]
    label_of = {area: label for label, area in enumerate(large, 1)}
    grid = new("L", cells)
    grid.putdata([label_of.get(area, UNSURE) for area in areas])
    counts = dict(sizes)
    scores = tuple(round(1 - 0.5 / (1 + counts[area]), 4) for area in large)
    return Segments(picture.size, grid, tuple(label_of.values()), scores)


def _areas(colours: bytes, width: int) -> list[int]:
    """The number of the connected area of each cell, in the order of their first cells."""
    areas = [-1] * len(colours)
    found = 0
    for start in range(len(colours)):
        if areas[start] < 0:
            _spread(colours, width, areas, start, found)
            found += 1
    return areas


def _spread(colours: bytes, width: int, areas: list[int], start: int, area: int) -> None:
    """Give the cells that are connected with `start` the number `area`."""
    areas[start], waiting = area, [start]
    while waiting:
        cell = waiting.pop()
        for other in _neighbours(cell, width, len(colours)):
            if areas[other] < 0 and colours[other] == colours[start]:
                areas[other] = area
                waiting.append(other)


def _neighbours(cell: int, width: int, count: int) -> list[int]:
    column = cell % width
    found = [cell - width, cell + width]
    found += [cell - 1] if column else []
    found += [cell + 1] if column < width - 1 else []
    return [other for other in found if 0 <= other < count]
