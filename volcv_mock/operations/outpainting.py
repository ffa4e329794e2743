"""Outpainting (i2i_outpainting): extends a picture, by ratios or on a canvas (S2).

Ratios mode takes one picture and adds shares of its sides; canvas mode takes a padded picture and a mask, and paints
the marked area. Both results are limited to max_width and max_height. `strength` is the difference of the new area
from the original, `scale` the share of the prompt's pattern in it, `steps` its detail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import feather
from volcv_mock.imaging.boxes import Box, marked_slices, relative
from volcv_mock.imaging.canvas import Appearance, Sides, capped, continued, extend, plan
from volcv_mock.imaging.fill import fill
from volcv_mock.imaging.pattern import PatternStyle, draw_pattern
from volcv_mock.imaging.texture import Texture
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, marks, number, picture, saturating, weight
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image

FILL_REDUCTION = 4
HALF_DETAIL_STEPS = 30
HALF_INFLUENCE_SCALE = 6
USUAL = {"steps": 30.0, "strength": 0.8, "scale": 7.0}
"""What a req_key without these members is painted with; one without ratios or caps extends nothing."""
UNPROMPTED_SHARE = 0.8
"""Without a prompt the algorithm decides (S2). Assumed: it varies the picture less, but visibly by seed."""


class Outpainting:
    """Outpainting: extends a picture beyond its borders."""

    name = "outpainting"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """With one picture extend it by the ratios; with two the second is the mask of a canvas."""
        return (_by_ratios(job) if len(job.pictures) == 1 else _by_canvas(job),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Outpainting adds nothing to `data`."""
        return {}


def _by_ratios(job: Job) -> Image:
    rgb = picture(job)
    sides = Sides(*(_value(job, name) for name in ("top", "bottom", "left", "right")))
    return extend(rgb, plan(rgb.size, sides, _cap(job)), _appearance(job))


def _by_canvas(job: Job) -> Image:
    padded = picture(job)
    marked, shared = capped(marks(job, padded.size), _cap(job)), padded
    padded = capped(padded, _cap(job))
    box = marked.getbbox()
    if box is None or _value(job, "strength") <= 0:
        return padded
    kept, cover = _kept_rectangle(marked), feather.flat(marked, box, weight(_value(job, "strength")))
    painted = padded.copy() if padded is shared else padded  # a further copy of a large one is 64 MB
    places = marked_slices(marked, box)
    patches = continued(painted, kept, _appearance(job), places) if kept else _filling(job, painted, marked, box)
    for patch, place in patches:
        painted.paste(patch, place[:2], cover.part(place))
    return painted


def _filling(job: Job, padded: Image, marked: Image, box: Box) -> Iterator[tuple[Image, Box]]:
    """For a kept area that is no rectangle: the rest filled from its surroundings, with the pattern."""
    from PIL.Image import blend  # lazy: start-up time

    appearance = _appearance(job)
    pattern = draw_pattern((box[2] - box[0], box[3] - box[1]), appearance.pattern)
    for patch, place in fill(padded, marked, box, FILL_REDUCTION, Texture(job.seed)):
        yield blend(patch, pattern.part(relative(place, box)), appearance.influence * appearance.strength), place


def _kept_rectangle(marked: Image) -> Box | None:
    """The box of the unmarked area if it is a rectangle, as after padding; else None."""
    from PIL.ImageChops import invert  # lazy: start-up time

    box = invert(marked).getbbox()
    if box is None or marked.crop(box).getbbox() is not None:
        return None
    return box


def _appearance(job: Job) -> Appearance:
    style = PatternStyle(gist(job.prompt), job.seed, saturating(_value(job, "steps"), HALF_DETAIL_STEPS))
    influence = saturating(_value(job, "scale"), HALF_INFLUENCE_SCALE)
    strength = min(1.0, max(0.0, _value(job, "strength")))
    return Appearance(style, strength, influence if job.prompt else influence * UNPROMPTED_SHARE)


def _cap(job: Job) -> tuple[int, int]:
    """The size limit of the request, at most the limit of input pictures."""
    limit = contract.limits().max_side
    return min(int(_value(job, "max_width")), limit), min(int(_value(job, "max_height")), limit)


def _value(job: Job, name: str) -> float:
    usual = contract.limits().max_side if name.startswith("max_") else 0.0
    return number(job, name, USUAL.get(name, usual))
