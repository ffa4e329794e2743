"""Small pictures for people: what the journal shows of a call. Pixels are sampled, so a large picture costs no more."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 96
OVERSAMPLING = 4
QUALITY = 60


def thumbnail_of(image: Image, encoded: bytes = b"") -> bytes:
    """At most SIDE pixels a side, as JPEG. A picture that is no larger, already `encoded` as JPEG, is its own."""
    if encoded and max(image.size) <= SIDE:
        return encoded
    sink = io.BytesIO()
    _small(image if image.mode in ("L", "RGB") else image.convert("RGB")).save(sink, "JPEG", quality=QUALITY)
    return sink.getvalue()


def _small(image: Image) -> Image:
    """Sampled at a few times the size, then averaged down: reduce costs a third of resize."""
    from PIL.Image import Resampling  # lazy: start-up time

    scale = min(1.0, SIDE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    if scale * OVERSAMPLING >= 1:
        return image.resize((width, height), Resampling.BOX)
    return image.resize((width * OVERSAMPLING, height * OVERSAMPLING), Resampling.NEAREST).reduce(OVERSAMPLING)
