"""Adds texture to a filled hole: detail copied from a similar area nearby, varying brightness, or noise.

fill.py computes the smooth base. The seed selects the area, the brightness and the noise, so that another seed gives
a visibly different picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Protocol, cast

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import Box
from volcv_mock.imaging.mirror import Mirrored
from volcv_mock.imaging.noise import clouds, grain, tiled, weaker
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_DIFFERENCE = 48
"""Maximum difference in grey levels between any cell of the donor area and of the base."""
CELLS = (5, 5)
PARTS = (1, 2, 4)
"""The donor has the size of the hole, or a half or a quarter of its side, mirrored to cover it."""
CHOICES = 4
MIN_DONOR = 12
DETAIL_SIZE = 16
"""Structures finer than this many pixels, or a sixth of the donor's side, count as detail."""
PROBE = 24
USUAL_ROUGHNESS = 2.0
MAX_ROUGHNESS = 8.0
GRAIN_STEP = 59.0
"""Mean difference between neighbouring pixels of noise.grain; roughness / GRAIN_STEP is its share."""
DRIFT = 0.15
"""Share of the clouds added to the base, about seven grey levels: makes seeds distinguishable."""
_FAR_FROM_KNOWN = [max(0, 255 - 2 * value) for value in range(256)]


@frozen
class Texture:
    """`detail` is the strength, 0 to 1; `seed` selects the texture."""

    seed: int
    detail: float = 1.0


class Overlay(Protocol):
    """Texture that is added to a smooth base."""

    def beneath(self, base: Image) -> Image:
        """The reduced base, without the low frequencies that the overlay itself contains."""

    def on(self, ground: Image, at: tuple[int, int]) -> Image:
        """A part of the base at full size, with the texture; `at` is its offset in the hole's box."""


@frozen
class Detail:
    """The detail of a donor, mirrored over the hole's box of that size, reduced to `share`: its difference from a
    blurred copy.

    Both are offset by 128. The blurred copy is smooth, so it is subtracted at reduced size.
    """

    donor: Mirrored
    size: tuple[int, int]
    share: float
    blurred: Image
    coarse: int

    def beneath(self, base: Image) -> Image:
        """Differences above 127 are clipped, so that a little of the donor's tone remains."""
        from PIL import Image, ImageChops  # lazy: start-up time

        whole = (0, 0, self.size[0] / self.coarse, self.size[1] / self.coarse)  # the last cells are cut
        return ImageChops.subtract(
            base, self.blurred.resize(base.size, Image.Resampling.BILINEAR, box=whole), offset=128
        )

    def on(self, ground: Image, at: tuple[int, int]) -> Image:
        """The ground with the copied detail added; `at` is its place in the hole's box."""
        from PIL import ImageChops  # lazy: start-up time

        part = self.donor.part((at[0], at[1], at[0] + ground.width, at[1] + ground.height))
        return ImageChops.add(ground, weaker(part, self.share), offset=-128)


@frozen
class Grain:
    """Repeated noise, as strong as that of the surroundings."""

    tile: Image

    def beneath(self, base: Image) -> Image:
        """The base as it is: noise has no brightness of its own."""
        return base

    def on(self, ground: Image, at: tuple[int, int]) -> Image:
        """The ground with noise added."""
        from PIL import ImageChops  # lazy: start-up time

        return ImageChops.add(ground, tiled(self.tile, ground.size), offset=-128)


def overlay(base: Image, rgb: Image, hole: Image, box: Box, texture: Texture) -> Overlay:
    """Detail of a similar area, or noise if there is none. `base` is the reduced content of the hole's box."""
    donor = donor_of(base, rgb, hole, box, texture.seed)
    if donor is None:
        rough = min(roughness(rgb, hole, box), MAX_ROUGHNESS) * texture.detail
        return Grain(grain(rough / GRAIN_STEP, "grain", texture.seed))
    size = (box[2] - box[0], box[3] - box[1])
    coarse = max(2, min(DETAIL_SIZE, min(size) // 6))
    blurred = weaker(donor.part((0, 0, *size)), texture.detail).reduce(coarse)
    return Detail(donor, size, texture.detail, blurred, coarse)


def drifting(base: Image, known: Image, seed: int) -> Image:
    """The base with brightness that varies by place; unchanged at known pixels and at the edge of the hole."""
    from PIL import Image, ImageChops, ImageFilter  # lazy: start-up time

    size = (max(2, known.width * 32 // max(known.size)), max(2, known.height * 32 // max(known.size)))
    edge = known.resize(size, Image.Resampling.BILINEAR).filter(ImageFilter.BoxBlur(1))
    inner = edge.point(_FAR_FROM_KNOWN)
    light = Image.composite(weaker(clouds(size, 3, "drift", seed), DRIFT), Image.new("L", size, 128), inner)
    field = light.resize(base.size, Image.Resampling.BILINEAR)
    return ImageChops.add(base, Image.merge("RGB", (field, field, field)), offset=-128)


def donor_of(base: Image, rgb: Image, hole: Image, box: Box, seed: int) -> Mirrored | None:
    """A similar area outside the hole, or None. The seed selects it."""
    from PIL.Image import Resampling  # lazy: start-up time

    world, step = _thumbnail(rgb)
    cells = base.resize(CELLS, Resampling.BOX)
    for parts in PARTS:
        size = ((box[2] - box[0]) // parts, (box[3] - box[1]) // parts)
        if min(size) < MIN_DONOR:
            return None
        wanted = cells if parts == 1 else cells.reduce(CELLS).resize(CELLS)
        places = {one for one in _around(box, size) if _is_inside(one, rgb.size)}
        ranked = sorted((_difference(_cells(world, one, step), wanted), one) for one in places)
        like = (one for unlike, one in ranked if unlike <= MAX_DIFFERENCE and hole.crop(one).getbbox() is None)
        found = list(islice((one for one in like if _is_even(world, one, step)), CHOICES))
        if found:
            return Mirrored(rgb, found[draws.integer(len(found), "donor", seed)], size)
    return None


def roughness(rgb: Image, hole: Image, box: Box) -> float:
    """The mean difference of neighbouring pixels beside the hole, in grey levels."""
    from PIL import ImageChops, ImageStat  # lazy: start-up time

    found = []
    x, y = (box[0] + box[2] - PROBE) // 2, (box[1] + box[3] - PROBE) // 2
    for left, top in ((box[0] - PROBE, y), (box[2], y), (x, box[1] - PROBE), (x, box[3])):
        probe = (left, top, left + PROBE, top + PROBE)
        if _is_inside(probe, hole.size) and hole.crop(probe).getbbox() is None:
            grey = rgb.crop(probe).convert("L")
            beside = ImageChops.difference(grey.crop((1, 0, PROBE, PROBE)), grey.crop((0, 0, PROBE - 1, PROBE)))
            found.append(float(ImageStat.Stat(beside).mean[0]))
    return sorted(found)[len(found) // 2] if found else USUAL_ROUGHNESS


def _thumbnail(rgb: Image) -> tuple[Image, int]:
    step = max(1, 2 ** (max(rgb.size) // 256).bit_length() // 2)
    return rgb.reduce(step) if step > 1 else rgb, step


def _cells(picture: Image, box: Box, step: int) -> Image:
    """The box as CELLS mean colours; `picture` is the whole picture at 1/step."""
    from PIL import Image  # lazy: start-up time

    return picture.resize(CELLS, Image.Resampling.BOX, box=_scaled(box, step, picture.size))


def _scaled(box: Box, step: int, size: tuple[int, int]) -> Box:
    left, top = min(box[0] // step, size[0] - 1), min(box[1] // step, size[1] - 1)
    return left, top, max(left + 1, min(box[2] // step, size[0])), max(top + 1, min(box[3] // step, size[1]))


def _is_even(world: Image, box: Box, step: int) -> bool:
    """Whether the box is uniform: an area with a distinct object is no texture."""
    from PIL import Image, ImageChops  # lazy: start-up time

    part = world.crop(_scaled(box, step, world.size))
    blurred = part.resize(CELLS, Image.Resampling.BOX).resize(part.size, Image.Resampling.BILINEAR)
    beside = ImageChops.difference(part, blurred)
    means = beside.resize((1, 1), Image.Resampling.BOX).tobytes()  # ImageStat counts in Python
    extremes = cast("tuple[tuple[int, int], ...]", beside.getextrema())
    return all(peak <= 8 + 4 * mean for mean, (_, peak) in zip(means, extremes, strict=True))


def _difference(cells: Image, wanted: Image) -> int:
    from PIL import ImageChops  # lazy: start-up time

    return max(ImageChops.difference(cells, wanted).tobytes())


def _around(box: Box, size: tuple[int, int]) -> Iterator[Box]:
    """Boxes of that size to the left, right, above and below, at three distances."""
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


def _is_inside(box: Box, size: tuple[int, int]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]
