"""MR 5: grey, equal RGB and opaque RGBA are three spellings of one mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..pictures import Mask
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks(variant: int) -> dict[str, Ask]:
    mask = Mask(b.SIDE, b.SIDE, marked=b.HOLE)
    return {mode: Ask(b.with_mask(b.removal(variant), replace(mask, mode=mode))) for mode in ("L", "RGB", "RGBA")}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    first = exchanges["L"].received_picture
    for mode in ("RGB", "RGBA"):
        if why := b.unlike(first, exchanges[mode].received_picture, exact):
            yield f"the same mask as {mode} gave another picture: {why}"


SOURCE = "S3-mask-grey, S3-mask-rgb, S3-mask-rgba, S1-mask-grey, S1-mask-rgb, S1-mask-rgba"
CASES = (Case("MR05", "a mask may be grey, equal RGB, or equal RGB with alpha 255", SOURCE, asks, compare,
              is_probable=True),)  # fmt: skip
