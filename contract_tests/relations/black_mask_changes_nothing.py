"""MR 2: with nothing marked, the picture comes back as it went."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures import Mask
from ..pictures.pixels import psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks(variant: int) -> dict[str, Ask]:
    return {"nothing marked": Ask(b.with_mask(b.removal(variant), Mask(b.SIDE, b.SIDE, marked=None)))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for exchange in exchanges.values():
        alike_db = psnr_db(b.source_picture(exchange), exchange.received_picture)
        if alike_db < b.ALIKE_DB:
            yield f"only {alike_db:.1f} dB alike, wanted {b.ALIKE_DB}"


CASES = (Case("MR02", "an all-black mask changes nothing", "S3-mask-item, S1-mask-item", asks, compare),)
