"""The contact sheet of `volcv-mock demo`: a row per operation with source, mask, result and difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

TILE = 260
LINE = 20
LABEL = 2 * LINE + 4
TEXT = 14
GAP = 10
PAPER, INK, FAINT = (250, 250, 248), (30, 30, 30), (120, 120, 120)
FRAME = (230, 60, 60)
TITLE, SUBTITLE = 19, 14
HEAD = 84
COLUMNS = ("source", "mask", "result", "difference x 4")
LEGEND = (
    "Source and mask were sent; white is to be changed. The result came back. "
    "In the difference black is unchanged, and the frame is the original."
)


@dataclass(frozen=True)
class Row:
    """One call on the sheet: two lines of text, and pictures. `source` and `mask` are None for operations without them.

    Without `is_picture` the result is a mask or a map, which is not compared with the source. `original` is the place
    of the source in a result that was enlarged: left, top, right, bottom.
    """

    title: str
    details: str
    source: Image | None
    mask: Image | None
    result: Image
    is_picture: bool = True
    original: tuple[int, int, int, int] | None = None

    @property
    def difference(self) -> Image | None:
        """The amplified difference; None for a result that cannot be compared with a source."""
        return difference(self) if self.source is not None and self.is_picture else None


def draw(rows: Sequence[Row], path: Path, title: str) -> None:
    """Write the sheet as a PNG file."""
    from PIL.Image import new  # lazy: start-up time
    from PIL.ImageDraw import Draw

    tiles = [_tiles(row) for row in rows]
    heights = [LABEL + max(tile.height for tile in line if tile) + GAP for line in tiles]
    sheet = new("RGB", (GAP + len(COLUMNS) * (TILE + GAP), HEAD + LINE + GAP + sum(heights)), PAPER)
    pen = Draw(sheet)
    pen.text((GAP, GAP), title, fill=INK, font=_font(TITLE))
    pen.text((GAP, GAP + 2 * LINE), LEGEND, fill=FAINT, font=_font(SUBTITLE - 1))
    for column, name in enumerate(COLUMNS):
        pen.text((_left(column), HEAD), name, fill=INK, font=_font())
    top = HEAD + LINE + GAP
    for row, line, height in zip(rows, tiles, heights, strict=True):
        pen.text((GAP, top), row.title, fill=INK, font=_font())
        pen.text((GAP, top + LINE), row.details, fill=FAINT, font=_font())
        for column, tile in enumerate(line):
            if tile is not None:
                sheet.paste(tile, (_left(column), top + LABEL))
        top += height
    sheet.save(path)


def difference(row: Row) -> Image | None:
    """The difference of source and result, amplified four times; the original is framed in an enlarged result.

    A source of another size is put at its place on grey, or cropped to the result's shape and scaled to it.
    """
    from PIL import ImageChops  # lazy: start-up time
    from PIL.ImageDraw import Draw

    result = row.result.convert("RGB")
    changed = ImageChops.difference(_beneath(row), result).point(lambda value: min(255, 4 * value))
    if row.original:
        Draw(changed).rectangle(row.original, outline=FRAME, width=max(2, max(changed.size) // 130))
    return changed


def _beneath(row: Row) -> Image:
    """The source, as large as the result."""
    from PIL.Image import new  # lazy: start-up time
    from PIL.ImageOps import fit

    assert row.source is not None
    source = row.source.convert("RGB")
    if source.size == row.result.size:
        return source
    if row.original is None:
        return fit(source, row.result.size)
    canvas = new("RGB", row.result.size, (128, 128, 128))
    left, top, right, bottom = row.original
    canvas.paste(source.resize((right - left, bottom - top)), (left, top))
    return canvas


def _tiles(row: Row) -> list[Image | None]:
    images = (row.source, row.mask, row.result, row.difference)
    return [_tile(image) if image is not None else None for image in images]


def _tile(image: Image) -> Image:
    small = image.convert("RGB")
    small.thumbnail((TILE, TILE))
    return small


def _left(column: int) -> int:
    return GAP + column * (TILE + GAP)


def _font(size: int = TEXT) -> FreeTypeFont:
    """The font of the watermark, which has Chinese characters: titles contain prompts."""
    from volcv_mock.imaging import watermark  # lazy: start-up time

    return watermark.font(size)
