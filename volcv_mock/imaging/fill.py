"""Removal: a hole is filled from its surroundings.

Push-pull: the known pixels are averaged down a pyramid until no hole is left, then each level's
holes are filled from the coarser one. texture.py puts detail on that smooth base. All of it runs in
Pillow's C code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.imaging.dilate import MARKED, Box, grow
from volcv_mock.imaging.texture import Texture, textured

if TYPE_CHECKING:
    from PIL.Image import Image

NEIGHBOUR_SHARE = 8
"""The surroundings looked at: an eighth of the hole's side on each side, and at least MIN_MARGIN."""
MIN_MARGIN = 24


def fill(rgb: Image, hole: Image, reduction: int, texture: Texture) -> tuple[Image, Box]:
    """A patch without the hole's content, and the box it belongs to; the hole must mark something."""
    box = hole.getbbox()
    assert box is not None
    base = smooth(rgb, hole, box, reduction)
    return textured(base, rgb, hole, box, texture), box


def smooth(rgb: Image, hole: Image, box: Box, reduction: int) -> Image:
    """The box, its hole filled from around by push-pull at 1/reduction of the size."""
    from PIL import Image  # lazy: start-up time

    reach = _aligned(grow(box, _margin(box), rgb.size), reduction, rgb.size)
    known = hole.reduce(reduction, box=reach).point([MARKED] + [0] * 255)
    if known.getextrema()[1] == 0:
        return smooth(rgb, hole, box, reduction // 2) if reduction > 1 else _own_haze(rgb, box)
    filled = _push_pull(rgb.reduce(reduction, box=reach), known)
    across, down = filled.width / (reach[2] - reach[0]), filled.height / (reach[3] - reach[1])
    x, y, width, height = box[0] - reach[0], box[1] - reach[1], box[2] - box[0], box[3] - box[1]
    part = (x * across, y * down, (x + width) * across, (y + height) * down)
    return filled.resize((width, height), Image.Resampling.BILINEAR, box=part)


def _push_pull(colours: Image, known: Image) -> Image:
    """Where `known` is 0 the colours come from around. One known pixel of four makes a coarse pixel known:
    without that saturation the result would be one flat mean colour."""
    from PIL import Image  # lazy: start-up time

    if known.getextrema()[0] == MARKED:
        return colours
    weighted = Image.merge("RGBA", (*colours.split(), known)).reduce(2)
    *planes, alpha = weighted.split()
    coarse = _push_pull(Image.merge("RGB", planes), alpha.point([0] + [MARKED] * 255))
    filled = coarse.resize(colours.size, Image.Resampling.BICUBIC)
    filled.paste(colours, (0, 0), known)
    return filled


def _own_haze(rgb: Image, box: Box) -> Image:
    """No pixel around the hole is known: the hole's own colours, blurred beyond recognition."""
    from PIL import Image  # lazy: start-up time

    size = (box[2] - box[0], box[3] - box[1])
    return rgb.resize((3, 3), Image.Resampling.BOX, box=box).resize(size, Image.Resampling.BICUBIC)


def _margin(box: Box) -> int:
    return max(MIN_MARGIN, max(box[2] - box[0], box[3] - box[1]) // NEIGHBOUR_SHARE)


def _aligned(box: Box, step: int, size: tuple[int, int]) -> Box:
    """The box on a grid of `step`, so that equal pictures reduce equally wherever the hole lies."""
    left, top = box[0] // step * step, box[1] // step * step
    return left, top, min(size[0], -(-box[2] // step) * step), min(size[1], -(-box[3] // step) * step)
