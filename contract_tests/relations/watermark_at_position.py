"""MR 8: the watermark lies in the corner that `position` names, and says what was asked, for each req_key and mode."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Any

from ..model import Request
from ..pictures.pixels import changed_area, changed_box, opened
from ..planning.cases import Ask, Case, Exchanges
from .scenes import FORMS, NAMES, Scene, scenes

CORNERS = {0: ("right", "bottom"), 1: ("left", "bottom"), 2: ("left", "top"), 3: ("right", "top")}
TEXTS: dict[str, dict[str, Any]] = {
    "Chinese": {"position": 0},
    "English": {"position": 0, "language": 1},
    "own text": {"position": 0, "logo_text_content": "by volcv 01狗"},
    "own text with another last character": {"position": 0, "logo_text_content": "by volcv 01猫"},
}
"""The two own texts are alike in what a service leaves that cuts them or loses what is not ASCII."""


def _marked(scene: Scene, form: str, variant: int, **logo: Any) -> Request:
    return scene.request(variant, form, logo_info={"add_logo": True, "opacity": 1.0, **logo})


def asks(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    marked = {f"position {at}": Ask(_marked(scene, form, variant, position=at)) for at in CORNERS}
    return {"unmarked": Ask(scene.request(variant, form)), **marked}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    plain = exchanges["unmarked"].received_picture
    for at, corner in CORNERS.items():
        box = changed_box(plain, exchanges[f"position {at}"].received_picture)
        if box is None:
            yield f"position {at}: no watermark is to be seen"
        elif (found := corner_of(box, opened(plain).size)) != corner:
            yield f"position {at}: the watermark is {' '.join(found)}, wanted {' '.join(corner)}"


def corner_of(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[str, str]:
    """Where a box lies, by which edge it is nearer to; the label may be wider than half of a small picture."""
    left, top, right, bottom = box
    return ("left" if left < size[0] - right else "right", "top" if top < size[1] - bottom else "bottom")


def asks_text(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    return {name: Ask(_marked(scene, form, variant, **logo)) for name, logo in TEXTS.items()}


def compare_text(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for one, other in combinations(TEXTS, 2):
        if not changed_area(exchanges[one].received_picture, exchanges[other].received_picture):
            yield f"the watermarks '{one}' and '{other}' look the same"


SOURCE = "S3-logo-position, S1-logo-position, S3-logo-add, S1-logo-add, S3-logo-info, S1-logo-info"
TEXT_SOURCE = "S3-logo-language, S1-logo-language, S3-logo-text, S1-logo-text, S0-seededit-logo"


def _cases(scene: Scene, form: str) -> Iterator[Case]:
    suffix = "" if (NAMES[scene.req_key], form) == ("removal", "base64") and not scene.needs else scene.case_name(form)
    live = form == "base64" and not scene.is_canvas
    place, text = (f"{one}-{suffix}" if suffix else one for one in ("MR08", "MR08-text"))
    yield Case(place, "position names the watermark's corner", SOURCE, partial(asks, scene, form), compare,
               needs=scene.needs, is_live=live, cells=("watermark",))  # fmt: skip
    yield Case(text, "language and own text decide what the watermark says", TEXT_SOURCE,
               partial(asks_text, scene, form), compare_text, needs=scene.needs, is_live=live,
               cells=("watermark text",))  # fmt: skip


CASES = tuple(case for scene in scenes() for form in FORMS for case in _cases(scene, form))
