"""MR 10: the changed area grows with `dilate_size`."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import changed, covers
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

SIZES = (0, 15, 40)


def asks(variant: int) -> dict[str, Ask]:
    return {f"dilate_size {size}": Ask(b.removal(variant, dilate_size=size)) for size in SIZES}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    seen = [changed(b.source_picture(exchange), exchange.received_picture, above=32) for exchange in exchanges.values()]
    areas = [sum(one.histogram()[1:]) for one in seen]
    if not areas[0] < areas[1] < areas[2]:
        yield f"dilate_size {SIZES} changes {areas} pixels: not growing"
    if exact and min(covers(seen[1], seen[0]), covers(seen[2], seen[1])) < 0.6:
        yield "a larger dilate_size leaves pixels alone that a smaller one changed"


CASES = (Case("MR10", "dilate_size is the radius the mask is grown by", "S3-dilate-size", asks, compare),)
