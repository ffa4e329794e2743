"""Removal (i2i_inpainting): the masked area, dilated by dilate_size, is filled from its surroundings (S3).

`quality` is the resolution of the fill, `steps` the amount of texture, `strength` its opacity; the seed selects texture
and brightness. `scale` is not used: it weights a prompt, and this operation has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock.imaging import feather
from volcv_mock.imaging.dilate import dilate
from volcv_mock.imaging.fill import fill
from volcv_mock.imaging.texture import Texture
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import marks, number, picture, saturating, weight
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image

REDUCTION = {"H": 2, "M": 4, "L": 8}
"""The fill is computed at a half, a quarter or an eighth of the size."""
HALF_TEXTURE_STEPS = 4
USUAL_RADIUS, USUAL_STRENGTH, USUAL_STEPS, USUAL_QUALITY = 15, 0.8, 30, "M"
"""What a req_key without these members is painted with."""


class Removal:
    """Removal: fills the masked area from its surroundings."""

    name = "removal"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """Fill the dilated mask from its surroundings, blended by `strength`; strength 0 keeps the picture."""
        return (removed(job),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Removal adds nothing to `data`."""
        return {}


def removed(job: Job) -> Image:
    """The picture with its masked area filled; values that the req_key has no member for are the usual ones."""
    rgb = picture(job)
    radius, shown = int(number(job, "dilate_size", USUAL_RADIUS)), weight(number(job, "strength", USUAL_STRENGTH))
    hole = dilate(marks(job, rgb.size), radius)
    box = hole.getbbox()
    if box is None or shown == 0:
        return rgb
    texture = Texture(job.seed, saturating(number(job, "steps", USUAL_STEPS), HALF_TEXTURE_STEPS))
    cover = (feather.fading if radius >= feather.ROOM else feather.flat)(hole, box, shown)
    patches = fill(rgb, hole, box, REDUCTION[job.parameters.get("quality", USUAL_QUALITY)], texture)
    painted = rgb.copy()  # after what `fill` needs memory for
    for patch, place in patches:
        painted.paste(patch, place[:2], cover.part(place))
    return painted
