"""MR 9: the watermark's difference grows with its opacity, and at 0 there is none; for each req_key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..pictures.pixels import mean_difference_above
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from .scenes import NAMES, Scene, first_scenes, scenes

LEVELS = (0.3, 1.0)
NONE_TOO = (0.0, *LEVELS)


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    """The opaque one is a request of MR 8 too: one answer is paid for."""
    levels = NONE_TOO if NAMES[scene.req_key] == "removal" else LEVELS
    marks = {level: {"add_logo": True, "opacity": level, "position": 0} for level in levels}
    marked = {f"opacity {level}": Ask(scene.request(variant, logo_info=logo)) for level, logo in marks.items()}
    return {"unmarked": Ask(scene.request(variant)), **marked}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    plain = exchanges["unmarked"].received_picture
    above = 0 if exact else b.ROUNDING  # a watermark is small: the rounding of the whole picture would outweigh it
    seen = {name: mean_difference_above(plain, one.received_picture, above) for name, one in exchanges.items()
            if name != "unmarked"}  # fmt: skip
    noise = 0.02 if exact else 1.0
    if (nothing := seen.get("opacity 0.0", 0.0)) > noise:
        yield f"opacity 0 still changes the picture, by {nothing:.2f} levels on average"
    values = list(seen.values())
    if sorted(set(values)) != values:
        yield f"{', '.join(seen)} change the picture by {[round(one, 2) for one in values]}: not growing"


def _case(scene: Scene) -> Case:
    return Case(scene.case_id("MR09", "removal"), "opacity lies in 0 to 1, 1 is opaque",
                "S3-logo-opacity, S1-logo-opacity", partial(asks, scene), compare, needs=scene.needs, is_probable=True,
                is_live=scene in first_scenes(), cells=("opacity",))  # fmt: skip


CASES = tuple(map(_case, scenes()))
