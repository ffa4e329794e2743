"""Texture for a filled hole: detail borrowed from a like place beside it, drifting light, grain.

fill.py makes the smooth base; here it gets what keeps the eye from seeing it. The seed chooses the
place, the light and the grain, so that another seed is visibly another picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from volcv_mock import chance
from volcv_mock.imaging.dilate import Box
from volcv_mock.imaging.noise import clouds, grain

if TYPE_CHECKING:
    from PIL.Image import Image

LIKE_ENOUGH = 48
"""Grey levels by which the least like cell of a donor may differ: a door gives no texture to a wall."""
CELLS = (5, 5)
PARTS = (1, 2, 4)
"""A donor is as large as the hole; else half or a quarter of its side, mirrored to cover it."""
CHOICES = 4
MIN_DONOR = 12
HAZE = 16
"""Detail is what is finer than this many pixels, or a sixth of the donor's side."""
PROBE = 24
USUAL_ROUGHNESS = 2.0
MAX_ROUGHNESS = 8.0
GRAIN_STEP = 41.0
"""Mean difference between neighbours in noise.grain, so that roughness / GRAIN_STEP is its share."""
DRIFT = 0.15
"""Share of the clouds laid on the base, some seven grey levels: what tells one seed's picture from another's."""


@dataclass(frozen=True)
class Texture:
    """How much of it: `detail` from 0 to 1. `seed` chooses."""

    seed: int
    detail: float = 1.0


def textured(base: Image, rgb: Image, hole: Image, box: Box, texture: Texture) -> Image:
    """The base of this box, with detail, light and grain."""
    donated = donation(base, rgb, hole, box, texture.seed) if texture.detail > 0 else None
    made = _with_detail(base, donated, texture.detail) if donated else base
    rough = 0.0 if donated else roughness(rgb, hole, box)
    return _with_light(made, hole.crop(box), rough, texture.seed)


def donation(base: Image, rgb: Image, hole: Image, box: Box, seed: int) -> Image | None:
    """A picture of the box's size, cut from a place like it that touches no hole. The seed chooses among the best."""
    world, step = _thumbnail(rgb)
    cells = _cells(base, (0, 0, *base.size), 1)
    for parts in PARTS:
        size = ((box[2] - box[0]) // parts, (box[3] - box[1]) // parts)
        if min(size) < MIN_DONOR:
            return None
        wanted = cells if parts == 1 else cells.reduce(CELLS).resize(CELLS)
        places = {one for one in _around(box, size) if _is_inside(one, rgb.size)}
        ranked = sorted((_unlikeness(_cells(world, one, step), wanted), one) for one in places)
        like = (one for unlike, one in ranked if unlike <= LIKE_ENOUGH and hole.crop(one).getbbox() is None)
        found = list(islice((one for one in like if _is_even(world, one, step)), CHOICES))
        if found:
            return _mirrored(rgb.crop(found[chance.integer(len(found), "donor", seed)]), base.size)
    return None


def roughness(rgb: Image, hole: Image, box: Box) -> float:
    """How much neighbouring pixels differ around the hole, in grey levels: the noise its filling should have."""
    from PIL import ImageChops, ImageStat  # lazy: start-up time

    found = []
    for x in (box[0] - PROBE, (box[0] + box[2] - PROBE) // 2, box[2]):
        for y in (box[1] - PROBE, (box[1] + box[3] - PROBE) // 2, box[3]):
            probe = (x, y, x + PROBE, y + PROBE)
            if _is_inside(probe, hole.size) and hole.crop(probe).getbbox() is None:
                grey = rgb.crop(probe).convert("L")
                beside = ImageChops.difference(grey.crop((1, 0, PROBE, PROBE)), grey.crop((0, 0, PROBE - 1, PROBE)))
                found.append(float(ImageStat.Stat(beside).mean[0]))
    return sorted(found)[len(found) // 2] if found else USUAL_ROUGHNESS


def _thumbnail(rgb: Image) -> tuple[Image, int]:
    step = max(1, 2 ** (max(rgb.size) // 256).bit_length() // 2)
    return rgb.reduce(step) if step > 1 else rgb, step


def _cells(picture: Image, box: Box, step: int) -> Image:
    """The box as CELLS mean colours; `picture` is the thumbnail of the world at 1/step."""
    from PIL import Image  # lazy: start-up time

    return picture.resize(CELLS, Image.Resampling.BOX, box=_scaled(box, step, picture.size))


def _scaled(box: Box, step: int, size: tuple[int, int]) -> Box:
    left, top = min(box[0] // step, size[0] - 1), min(box[1] // step, size[1] - 1)
    return left, top, max(left + 1, min(box[2] // step, size[0])), max(top + 1, min(box[3] // step, size[1]))


def _is_even(world: Image, box: Box, step: int) -> bool:
    """Whether nothing in the box stands out: one lamp in a dark sky is a thing, not a texture."""
    from PIL import Image, ImageChops, ImageStat  # lazy: start-up time

    part = world.crop(_scaled(box, step, world.size))
    haze = part.resize(CELLS, Image.Resampling.BOX).resize(part.size, Image.Resampling.BILINEAR)
    beside = ImageStat.Stat(ImageChops.difference(part, haze))
    return all(peak <= 8 + 4 * mean for mean, (_, peak) in zip(beside.mean, beside.extrema, strict=True))


def _unlikeness(cells: Image, wanted: Image) -> int:
    from PIL import ImageChops  # lazy: start-up time

    return max(ImageChops.difference(cells, wanted).tobytes())


def _around(box: Box, size: tuple[int, int]) -> Iterator[Box]:
    """Boxes of that size to the left, right, above and below, near ones and farther ones."""
    width, height = size
    left, top, right, bottom = box
    for gap in (0.08, 0.5, 1.2):
        away_x, away_y = 2 + round(gap * width), 2 + round(gap * height)
        for y in (top, (top + bottom - height) // 2, bottom - height):
            for x in (left - away_x - width, right + away_x):
                yield x, y, x + width, y + height
        for x in (left, (left + right - width) // 2, right - width):
            for y in (top - away_y - height, bottom + away_y):
                yield x, y, x + width, y + height


def _mirrored(patch: Image, size: tuple[int, int]) -> Image:
    """The patch, reflected over and over until it covers the size."""
    from PIL import Image, ImageOps  # lazy: start-up time

    if patch.size == size:
        return patch
    block = Image.new("RGB", (patch.width * 2, patch.height * 2))
    block.paste(patch, (0, 0))
    block.paste(ImageOps.mirror(patch), (patch.width, 0))
    block.paste(ImageOps.flip(block.crop((0, 0, block.width, patch.height))), (0, patch.height))
    sheet = Image.new("RGB", size)
    for x in range(0, size[0], block.width):
        for y in range(0, size[1], block.height):
            sheet.paste(block, (x, y))
    return sheet


def _with_detail(base: Image, donated: Image, share: float) -> Image:
    """What is fine in the donated picture (its difference from its own haze) laid on the base."""
    from PIL import Image, ImageChops  # lazy: start-up time

    coarse = max(2, min(HAZE, min(donated.size) // 6))
    haze = donated.reduce(coarse).resize(donated.size, Image.Resampling.BILINEAR)
    fine = ImageChops.subtract(donated, haze, offset=128)
    if share < 1:
        fine = fine.point([round(128 + (value - 128) * share) for value in range(256)] * 3)
    return ImageChops.add(base, fine, offset=-128)


def _with_light(base: Image, hole: Image, rough: float, seed: int) -> Image:
    """Light that drifts from place to place, none at the hole's edge, and noise as its surroundings have."""
    from PIL import Image, ImageChops  # lazy: start-up time

    field = _drift(hole, seed).resize(base.size, Image.Resampling.BICUBIC)
    if rough > 0:
        noise = _weaker(grain(base.size, "grain", seed), min(rough, MAX_ROUGHNESS) / GRAIN_STEP)
        field = ImageChops.add(field, noise, offset=-128)
    return ImageChops.add(base, Image.merge("RGB", (field, field, field)), offset=-128)


def _drift(hole: Image, seed: int) -> Image:
    from PIL import Image, ImageFilter  # lazy: start-up time

    size = (max(2, hole.width * 32 // max(hole.size)), max(2, hole.height * 32 // max(hole.size)))
    inner = hole.resize(size, Image.Resampling.NEAREST).filter(ImageFilter.BoxBlur(2))
    inner = inner.point([max(0, min(255, (value - 96) * 2)) for value in range(256)])
    return Image.composite(_weaker(clouds(size, 3, "drift", seed), DRIFT), Image.new("L", size, 128), inner)


def _weaker(field: Image, share: float) -> Image:
    return field.point([round(128 + (value - 128) * share) for value in range(256)])


def _is_inside(box: Box, size: tuple[int, int]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]
