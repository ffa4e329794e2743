"""Outpainting (i2i_outpainting): beyond the edges, by ratios or over a canvas (S2).

Ratios mode has one picture and adds shares of its sides; canvas mode has a padded picture and a mask, and
paints what is marked. Both results keep to max_width and max_height. `strength` is how far the new area
departs from the old, `scale` how much of the prompt shows in it, `steps` how detailed that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import feather
from volcv_mock.imaging.canvas import Look, Plan, Sides, capped, extend, plan
from volcv_mock.imaging.dilate import Box
from volcv_mock.imaging.fill import fill
from volcv_mock.imaging.pattern import Wish, paint_pattern
from volcv_mock.imaging.texture import Texture
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, marks, number, picture, saturating, weight
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image

FILL_REDUCTION = 4
HALF_DETAIL_STEPS = 30
HALF_INFLUENCE_SCALE = 6
UNPROMPTED_SHARE = 0.8
"""Without a prompt the algorithm decides (S2): here it goes on with the picture and varies it less, but enough
that clients can show several seeds."""


class Outpainting:
    kind = "outpainting"

    def paint(self, job: Job) -> Image:
        if len(job.pictures) == 1:
            return _by_ratios(job)
        return _by_canvas(job)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        return {}


def _by_ratios(job: Job) -> Image:
    rgb = picture(job)
    sides = Sides(*(number(job, name) for name in ("top", "bottom", "left", "right")))
    return extend(rgb, plan(rgb.size, sides, _cap(job)), _look(job))


def _by_canvas(job: Job) -> Image:
    padded = picture(job)
    marked = capped(marks(job, padded.size), _cap(job))
    padded = capped(padded, _cap(job))
    box = marked.getbbox()
    if box is None or number(job, "strength") <= 0:
        return padded
    kept = _kept_rectangle(marked)
    box = (0, 0, *padded.size) if kept else box
    patch = (
        extend(padded.crop(kept), Plan(padded.size, kept), _look(job)) if kept else _filling(job, padded, marked, box)
    )
    painted = padded.copy()
    painted.paste(patch, box[:2], feather.flat(marked, box, weight(number(job, "strength"))).part(box))
    return painted


def _filling(job: Job, padded: Image, marked: Image, box: Box) -> Image:
    """What is kept is no rectangle: the rest is filled from what is around, with the pattern upon it."""
    from PIL.Image import blend  # lazy: start-up time

    look, filled = _look(job), padded.copy()
    for patch, place in fill(padded, marked, box, FILL_REDUCTION, Texture(job.seed)):
        filled.paste(patch, place[:2])
    pattern = paint_pattern((box[2] - box[0], box[3] - box[1]), look.wish)
    return blend(filled.crop(box), pattern, look.influence * look.strength)


def _kept_rectangle(marked: Image) -> Box | None:
    """The box of what is not marked, if it is exactly a box, as after padding: the world around it goes on."""
    from PIL.ImageChops import invert  # lazy: start-up time

    box = invert(marked).getbbox()
    if box is None or marked.crop(box).getbbox() is not None:
        return None
    return box


def _look(job: Job) -> Look:
    wish = Wish(gist(job.prompt), job.seed, saturating(number(job, "steps"), HALF_DETAIL_STEPS))
    influence = saturating(number(job, "scale"), HALF_INFLUENCE_SCALE)
    strength = min(1.0, max(0.0, number(job, "strength")))
    return Look(wish, strength, influence if job.prompt else influence * UNPROMPTED_SHARE)


def _cap(job: Job) -> tuple[int, int]:
    """The request's own cap, and never larger than a picture may be as input."""
    limit = contract.limits().max_side
    return min(int(number(job, "max_width")), limit), min(int(number(job, "max_height")), limit)
