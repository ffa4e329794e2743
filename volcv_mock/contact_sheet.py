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
LABEL = 22
TEXT = 14
GAP = 10
PAPER, INK, FAINT = (250, 250, 248), (30, 30, 30), (120, 120, 120)
COLUMNS = ("source", "mask", "result", "difference x 4")


@dataclass(frozen=True)
class Row:
    """One call on the sheet. `mask` is None for the operations that take none."""

    title: str
    source: Image
    mask: Image | None
    result: Image


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the sheet as PNG."""
    from PIL import Image, ImageDraw  # lazy: start-up time

    height = GAP + LABEL + len(rows) * (TILE + 2 * LABEL + GAP)
    sheet = Image.new("RGB", (GAP + len(COLUMNS) * (TILE + GAP), height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(COLUMNS):
        pen.text((GAP + column * (TILE + GAP), GAP), name, fill=FAINT, font=_font())
    for index, row in enumerate(rows):
        top = GAP + LABEL + index * (TILE + 2 * LABEL + GAP)
        pen.text((GAP, top), row.title, fill=INK, font=_font())
        for column, image in enumerate((row.source, row.mask, row.result, difference(row.source, row.result))):
            if image is not None:
                sheet.paste(_tile(image), (GAP + column * (TILE + GAP), top + LABEL))
    sheet.save(path)


def difference(source: Image, result: Image) -> Image | None:
    """What changed, four times as strong; None when the sizes differ (outpainting)."""
    from PIL import ImageChops  # lazy: start-up time

    if source.size != result.size:
        return None
    return ImageChops.difference(source.convert("RGB"), result.convert("RGB")).point(lambda value: min(255, 4 * value))


def _tile(image: Image) -> Image:
    from PIL.Image import new  # lazy: start-up time

    small = image.convert("RGB")
    small.thumbnail((TILE, TILE))
    tile = new("RGB", (TILE, TILE), (236, 236, 232))
    tile.paste(small, ((TILE - small.width) // 2, (TILE - small.height) // 2))
    return tile


def _font() -> FreeTypeFont:
    """The watermark's: titles hold Chinese prompts."""
    from volcv_mock.imaging import watermark  # lazy: start-up time

    return watermark.font(TEXT)
