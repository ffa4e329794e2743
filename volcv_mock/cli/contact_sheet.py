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
COLUMNS = ("source", "mask", "result", "difference x 4")


@dataclass(frozen=True)
class Row:
    """One call on the sheet: two lines of text, and pictures. `source` and `mask` are None for operations without them.

    Without `is_picture` the result is a mask or a map, which is not compared with the source.
    """

    title: str
    details: str
    source: Image | None
    mask: Image | None
    result: Image
    is_picture: bool = True


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the sheet as a PNG file."""
    from PIL.Image import new  # lazy: start-up time
    from PIL.ImageDraw import Draw

    tiles = [_tiles(row) for row in rows]
    heights = [LABEL + max(tile.height for tile in line if tile) + GAP for line in tiles]
    sheet = new("RGB", (GAP + len(COLUMNS) * (TILE + GAP), GAP + LINE + sum(heights)), PAPER)
    pen = Draw(sheet)
    for column, name in enumerate(COLUMNS):
        pen.text((_left(column), GAP), name, fill=FAINT, font=_font())
    top = GAP + LINE
    for row, line, height in zip(rows, tiles, heights, strict=True):
        pen.text((GAP, top), row.title, fill=INK, font=_font())
        pen.text((GAP, top + LINE), row.details, fill=FAINT, font=_font())
        for column, tile in enumerate(line):
            if tile is not None:
                sheet.paste(tile, (_left(column), top + LABEL))
        top += height
    sheet.save(path)


def difference(source: Image, result: Image) -> Image | None:
    """The difference of two pictures, amplified four times; None when the sizes differ (outpainting)."""
    from PIL import ImageChops  # lazy: start-up time

    if source.size != result.size:
        return None
    return ImageChops.difference(source.convert("RGB"), result.convert("RGB")).point(lambda value: min(255, 4 * value))


def _tiles(row: Row) -> list[Image | None]:
    changed = difference(row.source, row.result) if row.source is not None and row.is_picture else None
    images = (row.source, row.mask, row.result, changed)
    return [_tile(image) if image is not None else None for image in images]


def _tile(image: Image) -> Image:
    small = image.convert("RGB")
    small.thumbnail((TILE, TILE))
    return small


def _left(column: int) -> int:
    return GAP + column * (TILE + GAP)


def _font() -> FreeTypeFont:
    """The font of the watermark, which has Chinese characters: titles contain prompts."""
    from volcv_mock.imaging import watermark  # lazy: start-up time

    return watermark.font(TEXT)
