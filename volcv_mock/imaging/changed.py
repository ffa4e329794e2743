"""How much of a picture an answer changed outside its mask: a comparison of pixels, for the mode `diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock import contract

if TYPE_CHECKING:
    from PIL.Image import Image

TOLERANCE = 24
"""A channel may differ by so much without counting as changed: JPEG changes every pixel a little."""


def changed_outside(before: Image, mask: Image | None, after: Image) -> float | None:
    """The share of the pixels outside the mask that were changed; None when the two pictures differ in size."""
    if before.size != after.size or (mask is not None and mask.size != before.size):
        return None
    from PIL import Image, ImageChops  # lazy: start-up time

    difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB"))
    worst = Image.new("L", before.size)
    for channel in difference.split():
        worst = ImageChops.lighter(worst, channel)
    changed = worst.point([0] * (TOLERANCE + 1) + [255] * (255 - TOLERANCE))
    edge = contract.mask_demands().marked_from
    outside = mask.convert("L").point([255] * edge + [0] * (256 - edge)) if mask else Image.new("L", before.size, 255)
    total = outside.histogram()[255]
    return ImageChops.darker(changed, outside).histogram()[255] / total if total else 0.0
