"""MR 1: what the mask leaves black comes back as it was sent, for each req_key with a mask and each output form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from ..pictures.pixels import changed_area, largest_block_difference, psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from .scenes import FORMS, NAMES, Scene, scenes

DOT = {True: 6.0, False: 12.0}
"""The largest mean difference of an 8 x 8 block: one JPEG of quality 50 makes 5, a dot of 3 x 3 pixels 22 and more."""


def asks(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    return {NAMES[scene.req_key]: Ask(scene.request(variant, form))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for name, exchange in exchanges.items():
        before, after = b.source_picture(exchange), exchange.received_picture
        reach = b.default("i2i_inpainting", "dilate_size") if name == "removal" else 0
        outside = b.HOLE.grown(reach + b.JPEG_REACH)
        alike_db = psnr_db(before, after, outside=outside)
        if alike_db < b.ALIKE_DB:
            yield f"{name}: outside the mask only {alike_db:.1f} dB alike, wanted {b.ALIKE_DB}"
        elif (worst := largest_block_difference(before, after, outside)) > DOT[exact]:
            yield f"{name}: a block outside the mask differs by {worst:.0f} levels on average, wanted {DOT[exact]:.0f}"
        if changed_area(before, after) < b.HOLE.width * b.HOLE.height // 10:
            yield f"{name}: the marked area is as it was"


SOURCE = "S3-mask-item, S1-mask-item, S3-mask-grey"
MORE: Mapping[str, str] = {"edit": ", S0-edit-req-key", "official-edit": ", S1-req-key"}
SENTENCE = "black is kept, white is the area to change"


def _case(scene: Scene, form: str) -> Case:
    name = NAMES[scene.req_key]
    return Case(f"MR01-{scene.case_name(form)}", SENTENCE, SOURCE + MORE.get(name, ""), partial(asks, scene, form),
                compare, needs=scene.needs, cells=("kept",))  # fmt: skip


CASES = tuple(
    _case(scene, form)
    for scene in scenes()
    for form in FORMS
    if NAMES[scene.req_key] in ("removal", "edit", "official-edit")
)
