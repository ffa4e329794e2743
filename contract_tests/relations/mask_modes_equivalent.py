"""MR 5: grey, equal RGB and opaque RGBA are three spellings of one mask, for each operation with a mask.

Where calls cost money removal is asked; that each form is accepted is asked of all (each_valid_class_accepted.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..pictures import Mask
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from .scenes import Scene, scenes


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    request = scene.request(variant)
    photo, mask = request.pictures
    assert isinstance(mask, Mask)
    masks = {mode: replace(mask, mode=mode) for mode in ("L", "RGB", "RGBA")}
    return {mode: Ask(replace(request, pictures=(photo, one))) for mode, one in masks.items()}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    first = exchanges["L"].received_picture
    for mode in ("RGB", "RGBA"):
        if why := b.unlike(first, exchanges[mode].received_picture, exact):
            yield f"the same mask as {mode} gave another picture: {why}"


SOURCE = "S3-mask-grey, S3-mask-rgb, S3-mask-rgba, S1-mask-grey, S1-mask-rgb, S1-mask-rgba"


def _case(scene: Scene) -> Case:
    return Case(scene.case_id("MR05", "removal"), "a mask may be grey, equal RGB, or equal RGB with alpha 255", SOURCE,
                partial(asks, scene), compare, needs=scene.needs, is_live=scene.name == "removal",
                is_probable=True)  # fmt: skip


CASES = tuple(_case(scene) for scene in scenes() if len(scene.request(0).pictures) == 2)
