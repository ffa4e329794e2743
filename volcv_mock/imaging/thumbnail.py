"""Thumbnails for the journal. Large pictures are subsampled first, so that the cost is bounded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 96
OVERSAMPLING = 4
QUALITY = 60


def thumbnail_of(image: Image, encoded: bytes = b"") -> bytes:
    """A JPEG of at most SIDE pixels a side. A small picture that is already `encoded` as JPEG is returned as it is."""
    if encoded and max(image.size) <= SIDE:
        return encoded
    sink = io.BytesIO()
    _small(image if image.mode in ("L", "RGB") else image.convert("RGB")).save(sink, "JPEG", quality=QUALITY)
    return sink.getvalue()


def _small(image: Image) -> Image:
    """Subsampled to a few times the size, then averaged: reduce costs a third of resize."""
    from PIL.Image import Resampling  # lazy: start-up time

    scale = min(1.0, SIDE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    if scale * OVERSAMPLING >= 1:
        return image.resize((width, height), Resampling.BOX)
    return image.resize((width * OVERSAMPLING, height * OVERSAMPLING), Resampling.NEAREST).reduce(OVERSAMPLING)
