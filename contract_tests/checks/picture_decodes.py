"""The picture of a success is sound: headers by our own reader, pixels by Pillow."""

from __future__ import annotations

from ..model import Exchange
from ..pictures.pixels import decoding_problem
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.picture_place == "base64" and exchange.picture is None:
        yield "the base64 does not decode"
    if exchange.picture is None or exchange.picture_facts is None:
        return
    problem = exchange.picture_facts.problem or decoding_problem(exchange.picture)
    if problem:
        yield f"the picture is unsound: {problem}"


CHECK = Check("picture_decodes", "the answer carries a processed picture", "S3-out-base64, S3-out-urls", check)
