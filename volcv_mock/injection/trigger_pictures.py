"""Trigger pictures: bar codes that name a code or fault, for clients that can choose nothing but a picture.

The bar code spans the full width: a guard, 32 bits, a guard. Each cell is black or white, the same in every row. The
bits are a digest of the name; a picture is a trigger only if all 32 bits are those of a known name. An ordinary photo
fails at the first row, because its cells are neither black nor white. The caption at the bottom is not read.

The code survives JPEG at quality 80 and scaling to half, because cells are wide and read in their middle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from volcv_mock import faults
from volcv_mock.injection import known_codes, known_words
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = (480, 320)
GUARD = (1, 0, 1, 1, 0)
"""Black, white, black, black, white: evenly striped pictures do not begin and end like this."""
BITS = 32
CELLS = 2 * len(GUARD) + BITS
CAPTION_SHARE = 0.14
"""Height of the caption, as a share of the picture."""
ROWS = (0.06, 0.16, 0.26, 0.36, 0.46, 0.56, 0.66, 0.76)
"""Heights of the rows that are read, as shares of the height; all must give the same cells."""
BLACK_BELOW, WHITE_ABOVE = 72, 184
"""Tolerates JPEG ringing, but not the grey levels of a photo."""
SMALLEST_CELL = 2
SAMPLES = 5
"""Pixels to which a cell is scaled; the middle one is read."""
INDEX = "index.json"


def read(image: Image) -> str | None:
    """The name that a decoded picture encodes, or None: a code's number or row id, or a fault."""
    if image.width < CELLS * SMALLEST_CELL or image.height < len(ROWS):
        return None
    first = _cells(image, ROWS[0])
    word = _words().get(first) if first else None
    if word is None or any(_cells(image, height) != first for height in ROWS[1:]):
        return None
    return word


def draw(word: str, size: tuple[int, int] = SIZE) -> Image:
    """The trigger picture for a name."""
    from PIL import Image, ImageDraw  # lazy: start-up time

    row = Image.new("L", (CELLS, 1))
    row.putdata([0 if cell else 255 for cell in cells_of(word)])
    picture = row.resize(size, Image.Resampling.NEAREST).convert("RGB")
    top = round(size[1] * (1 - CAPTION_SHARE))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, top, size[0], size[1]), fill=(238, 232, 213))
    middle, height = (top + size[1]) // 2, (size[1] - top) // 2
    pen.text((8, middle), f"volcv-mock trigger: {word}", fill=(30, 30, 30), anchor="lm", font_size=height)
    return picture


def write(folder: Path, words: Sequence[str] | None = None) -> tuple[Path, ...]:
    """Write a PNG for each name (default: `usual_words()`) and an index; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {word: f"{word}.png" for word in (words or usual_words())}
    for word, name in names.items():
        draw(word).save(folder / name, "PNG", optimize=True)
    index = folder / INDEX
    contents = {"recipe": recipe(), "pictures": {name: word for word, name in names.items()}}
    index.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    return (*(folder / name for name in names.values()), index)


def usual_words() -> tuple[str, ...]:
    """The usual name of each injection: the number of a service code, the name of a gateway code, the fault name."""
    rows = [row for row in known_codes() if row.envelope != "proxy"]
    named = [str(row.code) if row.envelope == "service" else row.id for row in rows]
    return (*dict.fromkeys(named), *faults.names())


def recipe() -> Mapping[str, object]:
    """How to draw one in another language: `bits` is the digest of the name, most significant bit first."""
    return {
        "size": list(SIZE),
        "cells": CELLS,
        "guard": list(GUARD),
        "bits": BITS,
        "digest": "BLAKE2b-256 over ['volcv-mock trigger', name] as volcv_mock.simulation.draws.digest does; "
        "the first 4 bytes",
        "cell": "1 is black, 0 is white; the guard stands on both sides",
        "read_at": list(ROWS),
    }


def cells_of(word: str) -> tuple[int, ...]:
    """The cells from left to right, 1 for black."""
    number = int.from_bytes(draws.digest("volcv-mock trigger", word)[: BITS // 8], "big")
    return (*GUARD, *((number >> place) & 1 for place in reversed(range(BITS))), *GUARD)


@cache
def _words() -> Mapping[tuple[int, ...], str]:
    return {cells_of(word): word for word in known_words()}


def _cells(image: Image, height: float) -> tuple[int, ...] | None:
    """One row as cells, or None when a cell is neither black nor white."""
    y = int(image.height * height)
    row = image.crop((0, y, image.width, y + 1)).convert("L").resize((CELLS * SAMPLES, 1), _box())
    levels = row.tobytes()[SAMPLES // 2 :: SAMPLES]
    if any(BLACK_BELOW <= level <= WHITE_ABOVE for level in levels):
        return None
    return tuple(int(level < BLACK_BELOW) for level in levels)


def _box() -> int:
    from PIL.Image import Resampling  # lazy: start-up time

    return Resampling.BOX
