"""Fills a hole from its surroundings, for removal.

Push-pull interpolation: the known pixels are averaged down a pyramid until no hole is left, then the holes of each
level are filled from the coarser one. texture.py adds detail to this smooth base. The pixel work is done by Pillow's
C code, at full size in slices: slices that fit the processor cache halve the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import Box, grow, marked_slices
from volcv_mock.imaging.dilate import MARKED
from volcv_mock.imaging.texture import Texture, drifting, overlay

if TYPE_CHECKING:
    from PIL.Image import Image

NEIGHBOUR_SHARE = 8
"""The margin used around the hole: an eighth of its longer side, and at least MIN_MARGIN pixels."""
MIN_MARGIN = 24
CACHED_PIXELS = 2**14


@frozen
class Reduced:
    """A box of a picture at reduced size, as a filled hole with its margin; `reach` is that box."""

    small: Image
    reach: Box

    def part(self, box: Box, reduction: int = 1) -> Image:
        """A box of the picture, at full size or reduced."""
        return self.scaled(box, (-(-(box[2] - box[0]) // reduction), -(-(box[3] - box[1]) // reduction)))

    def scaled(self, box: Box, size: tuple[int, int]) -> Image:
        """A box of the picture at that size."""
        from PIL.Image import Resampling  # lazy: start-up time

        left, top, right, bottom = self.reach
        across, down = self.small.width / (right - left), self.small.height / (bottom - top)
        x, y, width, height = box[0] - left, box[1] - top, box[2] - box[0], box[3] - box[1]
        part = (x * across, y * down, (x + width) * across, (y + height) * down)
        return self.small.resize(size, Resampling.BILINEAR, box=part)


def fill(rgb: Image, hole: Image, box: Box, reduction: int, texture: Texture) -> Iterator[tuple[Image, Box]]:
    """Patches and their boxes, made one by one; together they cover the hole. What all of them need is made at once."""
    base = smooth(rgb, hole, box, reduction, texture.seed)
    small = base.part(box, reduction)
    texture_overlay = overlay(small, rgb, hole, box, texture)
    ground, parts = Reduced(texture_overlay.beneath(small), box), marked_slices(hole, box, CACHED_PIXELS)
    return (
        (texture_overlay.on(ground.part(part), (part[0] - box[0], part[1] - box[1])), part) for part in parts
    )


def smooth(rgb: Image, hole: Image, box: Box, reduction: int, seed: int | None = None) -> Reduced:
    """The hole filled by push-pull at 1/reduction of the size; with a seed, the brightness varies by place.

    A finer size is tried when no pixel around the hole is known at this one, unless the hole covers all of them.
    """
    reach = _aligned(grow(box, _margin(box), rgb.size), reduction, rgb.size)
    known = hole.reduce(reduction, box=reach).point(_WITHOUT_HOLE)
    is_blind = known.getextrema()[1] == 0
    if is_blind and reduction > 1 and hole.crop(reach).getextrema()[0] != MARKED:
        return smooth(rgb, hole, box, reduction // 2, seed)
    filled = _own_blur(rgb, reach, known.size) if is_blind else _push_pull(rgb.reduce(reduction, box=reach), known)
    return Reduced(filled if seed is None else drifting(filled, known, seed), reach)


_WITHOUT_HOLE = [MARKED] + [0] * 255


def _push_pull(colours: Image, known: Image) -> Image:
    """Fills the colours where `known` is 0. One known pixel of four makes a coarse pixel known; otherwise the result
    would be a single mean colour."""
    from PIL import Image, ImageChops  # lazy: start-up time

    if known.getextrema()[0] == MARKED:
        return colours
    weighted = colours.convert("RGBA")
    weighted.putalpha(known)
    halved = weighted.reduce(2)
    alpha = halved.getchannel("A")
    coarse = _push_pull(halved.convert("RGB"), ImageChops.add(alpha, alpha, scale=0.5))
    filled = coarse.resize(colours.size, Image.Resampling.BILINEAR)
    filled.paste(colours, (0, 0), known)
    return filled


def _own_blur(rgb: Image, reach: Box, size: tuple[int, int]) -> Image:
    """When no pixel around the hole is known: the hole's own colours, strongly blurred."""
    from PIL import Image  # lazy: start-up time

    return rgb.resize((3, 3), Image.Resampling.BOX, box=reach).resize(size, Image.Resampling.BICUBIC)


def _margin(box: Box) -> int:
    return max(MIN_MARGIN, max(box[2] - box[0], box[3] - box[1]) // NEIGHBOUR_SHARE)


def _aligned(box: Box, step: int, size: tuple[int, int]) -> Box:
    """The box, aligned to a grid of `step`: the reduced picture does not depend on the position of the hole."""
    left, top = box[0] // step * step, box[1] // step * step
    return left, top, min(size[0], -(-box[2] // step) * step), min(size[1], -(-box[3] // step) * step)
