"""MR 12: outpainting adds the shares asked for, and the original is found again at its place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from ..pictures import Mask, Rect
from ..pictures.pixels import largest_block_difference, opened, psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

KEPT_DB = 30.0
ROUNDED_DB = 20.0
"""A side rounded to a multiple of 8 and scaled back blurs and shifts the original by some pixels; exchanged or
mirrored it is some 12 dB alike."""
DOT = 12.0
"""The largest mean difference of an 8 x 8 block of the original: a dot of 3 x 3 pixels makes 22 and more."""
ROUNDED = 8
SHARES = {"left": 0.5, "right": 0.25, "top": 0.5, "bottom": 0.0}


def asks(variant: int) -> dict[str, Ask]:
    return {
        "shares": Ask(b.outpainting(variant, **SHARES)),
        "capped": Ask(b.outpainting(variant, left=1, right=1, max_width=192)),
    }


def asks_canvas(variant: int) -> dict[str, Ask]:
    request = b.outpainting(variant, max_width=1920, max_height=1920)
    mask = Mask(160, 160, marked=Rect(0, 0, 64, 160))
    return {"canvas": Ask(replace(request, pictures=(b.photo(variant), mask)))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    exchange = exchanges["shares"]
    left, top = round(128 * SHARES["left"]), round(96 * SHARES["top"])
    wanted = round(128 * (1 + SHARES["left"] + SHARES["right"])), round(96 * (1 + SHARES["top"] + SHARES["bottom"]))
    size = opened(exchange.received_picture).size
    if any(abs(found - side) > ROUNDED for found, side in zip(size, wanted, strict=True)):
        return  # picture_size says so
    is_rounded = size != wanted and not exact
    picture = _resized(exchange.received_picture, wanted) if is_rounded else exchange.received_picture
    least_db = ROUNDED_DB if is_rounded else KEPT_DB
    yield from _kept(picture, b.source_picture(exchange), (left, top, 128, 96), (0, 0), least_db)


def compare_canvas(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    exchange = exchanges["canvas"]
    yield from _kept(exchange.received_picture, b.source_picture(exchange), (80, 0, 80, 160), (80, 0))


def _resized(picture: bytes, size: tuple[int, int]) -> bytes:
    return _png(opened(picture).resize(size))


def _kept(
    picture: bytes, source: bytes, box: tuple[int, int, int, int], at: tuple[int, int], least_db: float = KEPT_DB
) -> Iterator[str]:
    """The box of the answer against the same number of pixels of the source, a rim left out for blending."""
    rim, (left, top, width, height) = 8, box
    window = (left + rim, top + rim, left + width - rim, top + height - rim)
    origin = (at[0] + rim, at[1] + rim, at[0] + width - rim, at[1] + height - rim)
    kept, sent = _png(opened(picture).crop(window)), _png(opened(source).crop(origin))
    if (alike_db := psnr_db(kept, sent)) < least_db:
        yield f"the original is not at its place: only {alike_db:.1f} dB alike"
    elif least_db == KEPT_DB and (worst := largest_block_difference(kept, sent)) > DOT:
        yield f"a block of the original differs by {worst:.0f} levels on average, wanted {DOT:.0f}"


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


SOURCE = "S2-outpainting, S2-top-bottom, S2-left-right, S2-max-sides, S2-one-picture, P-clients-sides"
CASES = (
    Case("MR12-shares", "the picture grows by its shares, capped, and keeps the original", SOURCE, asks, compare),
    Case("MR12-canvas", "two pictures: the padded one and its mask", "S2-canvas", asks_canvas, compare_canvas),
)
