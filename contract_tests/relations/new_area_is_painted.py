"""MR 21: what must be new is painted: neither one flat colour nor what was sent, for each req_key, mode and form.

Judged where the mask is white, or where outpainting goes beyond the original; each strip by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..model import Exchange
from ..pictures.pixels import Box, mean_difference, opened, share_of_one_colour
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from .scenes import FORMS, NAMES, Scene, new_areas, scenes

FLAT = 0.6
"""The share of an area that may have one colour. The scenes that are sent have nothing of the kind beside it."""
AS_SENT = 3.0
"""Mean difference in levels. One JPEG makes less than 1.5."""
CAP = 112


def asks(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    return {"painted": Ask(scene.request(variant, form))}


def asks_capped(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    """Half the size, so that the strips lie at half of their places."""
    return {"capped": Ask(scene.request(variant, form, max_width=CAP))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for name, exchange in exchanges.items():
        assert exchange.request is not None
        for box in new_areas(exchange.request):
            yield from _problems(name, exchange, _scaled(box, exchange))


def _scaled(box: Box, exchange: Exchange) -> Box:
    """The box in the answer, which a cap makes smaller as a whole."""
    assert exchange.request is not None
    whole = max(box[2] for box in new_areas(exchange.request))
    factor = min(1.0, exchange.request.fields.get("max_width", whole) / whole)
    left, top, right, bottom = (round(edge * factor) for edge in box)
    return left, top, right, bottom


def _problems(name: str, exchange: Exchange, box: Box) -> Iterator[str]:
    picture, source = exchange.received_picture, b.source_picture(exchange)
    if (found := share_of_one_colour(picture, box)) > FLAT:
        yield f"{name}: {found:.0%} of the area {box} has one flat colour"
    elif opened(picture).size == opened(source).size and mean_difference(picture, source, box) < AS_SENT:
        yield f"{name}: the area {box} is what was sent"


SOURCES = {"removal": "S3-mask-item", "edit": "S1-mask-item, S0-edit-req-key", "official-edit": "S1-mask-item",
           "outpainting": "S2-outpainting, S2-canvas, S2-max-sides", "seededit": "S0-seededit-prompt"}  # fmt: skip
SENTENCE = "the area to be changed is painted: neither flat nor what was sent"


def _cases() -> Iterator[Case]:
    for scene in scenes():
        for form in FORMS:
            source, name = SOURCES[NAMES[scene.req_key]], scene.case_name(form)
            yield Case(f"MR21-{name}", SENTENCE, source, partial(asks, scene, form), compare, needs=scene.needs,
                       cells=("painted",))  # fmt: skip
            if scene.has_shares:
                yield Case(f"MR21-capped-{name}", SENTENCE, source, partial(asks_capped, scene, form), compare,
                           needs=scene.needs, is_live=form == "base64", cells=("painted, capped",))  # fmt: skip


CASES = tuple(_cases())
