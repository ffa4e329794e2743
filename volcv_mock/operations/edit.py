"""Edit (i2i_inpainting_edit, img2img_inpainting_edit_zi2i): the masked area is painted over (S0, S1).

The prompt determines motif and colours, the seed layout and shade, `scale` the opacity of the pattern over a plain
fill, `steps` the number of shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import feather
from volcv_mock.imaging.boxes import marked_slices, relative
from volcv_mock.imaging.fill import smooth
from volcv_mock.imaging.pattern import PatternStyle, draw_pattern
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, marks, number, picture, saturating
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.removal import removed

if TYPE_CHECKING:
    from PIL.Image import Image

FILL_REDUCTION = 8
HALF_DETAIL_STEPS = 25
HALF_INFLUENCE_SCALE = 0.8
USUAL_SCALE = 5
"""The influence of the prompt for a req_key without `scale`."""


class Edit:
    """Edit by prompt: paints the masked area."""

    name = "edit"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """Paint a pattern of the prompt's colours over the marked area; the removal prompt removes it instead."""
        if job.prompt.strip() == contract.operation(job.req_key).removal_prompt:
            return (removed(job),)
        return (_painted(job),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Edit adds nothing to `data`."""
        return {}


def _painted(job: Job) -> Image:
    rgb = picture(job)
    marked = marks(job, rgb.size)
    box = marked.getbbox()
    if box is None:
        return rgb
    detail = saturating(number(job, "steps", HALF_DETAIL_STEPS), HALF_DETAIL_STEPS)
    style = PatternStyle(gist(job.prompt), job.seed, detail)
    pattern = draw_pattern((box[2] - box[0], box[3] - box[1]), style)
    plain = smooth(rgb, marked, box, FILL_REDUCTION).scaled(box, pattern.drawn.size)
    mixed = pattern.over(plain, saturating(number(job, "scale", USUAL_SCALE), HALF_INFLUENCE_SCALE))
    cover, painted = feather.inside(marked, box), rgb.copy()  # after what `smooth` needs memory for
    for part in marked_slices(marked, box):
        painted.paste(mixed.part(relative(part, box)), part[:2], cover.part(part))
    return painted
