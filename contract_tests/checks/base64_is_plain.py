"""The picture's base64 is the standard alphabet with padding: no line break, no data URI."""

from __future__ import annotations

import re

from ..model import Exchange
from .base import Check, Texts

ODD = re.compile(r"[^A-Za-z0-9+/=]")


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    for text in exchange.answer.data.get("binary_data_base64") or ():
        if not isinstance(text, str):
            yield f"a picture is {type(text).__name__}, wanted text"
        elif odd := ODD.search(text):
            yield f"the base64 holds {odd.group()!r} at character {odd.start()}"
        elif len(text) % 4:
            yield f"the base64 has {len(text)} characters, wanted a multiple of 4"


CHECK = Check("base64_is_plain", "the picture is base64", "S3-out-base64, S1-out-base64", check)
