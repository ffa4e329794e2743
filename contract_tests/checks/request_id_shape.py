"""`request_id` is 14 digits of a moment and 20 upper-case hexadecimal digits."""

from __future__ import annotations

import re

from ..model import Exchange
from .base import Check, Texts, short

SHAPE = re.compile(r"20\d{12}[0-9A-F]{20}")


def top_id(exchange: Exchange) -> object:
    metadata = exchange.answer.members.get("ResponseMetadata")
    return metadata.get("RequestId") if isinstance(metadata, dict) else exchange.answer.members.get("request_id")


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    found = top_id(exchange)
    if found is not None and not (isinstance(found, str) and SHAPE.fullmatch(found)):
        yield f"request_id is {short(found)}, wanted 14 digits and 20 of 0-9A-F"


CHECK = Check("request_id_shape", "a request id is 34 characters: a moment and hexadecimal digits",
              "S3-example-answer, S1-example-answer, P-seen-service", check, grade="seen")  # fmt: skip
