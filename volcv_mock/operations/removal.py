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


class Removal:
    """Removal: fills the masked area from its surroundings."""

    kind = "removal"

    def paint(self, job: Job) -> Image:
        rgb = picture(job)
        radius, shown = int(number(job, "dilate_size")), weight(number(job, "strength"))
        hole = dilate(marks(job, rgb.size), radius)
        box = hole.getbbox()
        if box is None or shown == 0:
            return rgb
        texture = Texture(job.seed, saturating(number(job, "steps"), HALF_TEXTURE_STEPS))
        cover = (feather.fading if radius >= feather.ROOM else feather.flat)(hole, box, shown)
        painted = rgb.copy()
        for patch, place in fill(rgb, hole, box, REDUCTION[job.parameters["quality"]], texture):
            painted.paste(patch, place[:2], cover.part(place))
        return painted

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        return {}
