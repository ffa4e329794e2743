"""MR 1: what the mask leaves black stays; what it marks changes."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import changed_area, psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks_removal(variant: int) -> dict[str, Ask]:
    return {"removal": Ask(b.removal(variant))}


def asks_edit(variant: int) -> dict[str, Ask]:
    return {"edit": Ask(b.edit(variant))}


def asks_official(variant: int) -> dict[str, Ask]:
    return {"edit": Ask(b.official_edit(variant))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for name, exchange in exchanges.items():
        before, after = b.source_picture(exchange), exchange.received_picture
        reach = b.default("i2i_inpainting", "dilate_size") if name == "removal" else 0
        alike_db = psnr_db(before, after, outside=b.HOLE.grown(reach + b.JPEG_REACH))
        if alike_db < b.ALIKE_DB:
            yield f"{name}: outside the mask only {alike_db:.1f} dB alike, wanted {b.ALIKE_DB}"
        if changed_area(before, after) < b.HOLE.width * b.HOLE.height // 10:
            yield f"{name}: the marked area is as it was"


SOURCE = "S3-mask-item, S1-mask-item, S3-mask-grey"
SENTENCE = "black is kept, white is the area to change"
CASES = (
    Case("MR01-removal", SENTENCE, SOURCE, asks_removal, compare),
    Case("MR01-edit", SENTENCE, SOURCE + ", S0-edit-req-key", asks_edit, compare),
    Case("MR01-official-edit", SENTENCE, SOURCE + ", S1-req-key", asks_official, compare),
)
