"""MR 10: the changed area grows with `dilate_size`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..pictures.pixels import changed, changed_area, covers
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

SIZES = (0, 15, 40)


def asks(variant: int) -> dict[str, Ask]:
    return {f"dilate_size {size}": Ask(b.removal(variant, dilate_size=size)) for size in SIZES}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    areas = [changed_area(b.source_picture(one), one.received_picture, above=32) for one in exchanges.values()]
    if not areas[0] < areas[1] < areas[2]:
        yield f"dilate_size {SIZES} changes {areas} pixels: not growing"
    if exact and min(_kept_share(exchanges)) < 0.7:
        yield "a larger dilate_size leaves pixels alone that a smaller one changed"


def _kept_share(exchanges: Exchanges) -> list[float]:
    """The share of what one size changed that the next changed too.

    A filled pixel may come near the one it replaces, so that only a change as small as rounding counts as none.
    """
    seen = [changed(b.source_picture(one), one.received_picture, above=b.ROUNDING) for one in exchanges.values()]
    return [covers(larger, smaller) for smaller, larger in pairwise(seen)]


CASES = (Case("MR10", "dilate_size is the radius the mask is grown by", "S3-dilate-size", asks, compare),)
