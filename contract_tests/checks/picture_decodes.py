"""The picture of a success is sound: headers by our own reader, pixels by Pillow."""

from __future__ import annotations

from ..model import Exchange
from ..pictures.pixels import trouble_decoding
from .base import Check, Texts


def look(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.picture_place == "base64" and exchange.picture is None:
        yield "the base64 does not decode"
    if exchange.picture is None or exchange.picture_facts is None:
        return
    trouble = exchange.picture_facts.trouble or trouble_decoding(exchange.picture)
    if trouble:
        yield f"the picture is unsound: {trouble}"


CHECK = Check("picture_decodes", "the answer carries a processed picture", "S3-out-base64, S3-out-urls", look)
