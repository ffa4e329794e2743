"""MR 8: the watermark changes the corner that `position` names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import changed_area, changed_box, opened
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

CORNERS = {0: ("right", "bottom"), 1: ("left", "bottom"), 2: ("left", "top"), 3: ("right", "top")}


def asks(variant: int) -> dict[str, Ask]:
    marked = {f"position {at}": Ask(b.removal(variant, logo_info={"add_logo": True, "position": at, "opacity": 1.0}))
              for at in CORNERS}  # fmt: skip
    return {"unmarked": Ask(b.removal(variant)), **marked}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    plain = exchanges["unmarked"].received_picture
    for at, corner in CORNERS.items():
        box = changed_box(plain, exchanges[f"position {at}"].received_picture)
        if box is None:
            yield f"position {at}: no watermark is to be seen"
        elif (found := _corner(box, opened(plain).size)) != corner:
            yield f"position {at}: the watermark is {' '.join(found)}, wanted {' '.join(corner)}"


def _corner(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[str, str]:
    """Where a box lies, by which edge it is nearer to; the label may be wider than half of a small picture."""
    left, top, right, bottom = box
    return ("left" if left < size[0] - right else "right", "top" if top < size[1] - bottom else "bottom")


def asks_text(variant: int) -> dict[str, Ask]:
    logo = {"add_logo": True, "opacity": 1.0}
    return {"Chinese": Ask(b.removal(variant, logo_info={**logo, "language": 0})),
            "English": Ask(b.removal(variant, logo_info={**logo, "language": 1})),
            "own text": Ask(b.removal(variant, logo_info={**logo, "logo_text_content": "一只小狗"}))}  # fmt: skip


def compare_text(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for name in ("English", "own text"):
        if not changed_area(exchanges["Chinese"].received_picture, exchanges[name].received_picture):
            yield f"{name}: the watermark is the same as the Chinese one"


CASES = (
    Case("MR08", "position names the watermark's corner",
         "S3-logo-position, S1-logo-position, S3-logo-add, S1-logo-add, S3-logo-info, S1-logo-info", asks, compare),
    Case("MR08-text", "language and own text decide what the watermark says",
         "S3-logo-language, S1-logo-language, S3-logo-text, S1-logo-text, S0-seededit-logo", asks_text, compare_text),
)  # fmt: skip
