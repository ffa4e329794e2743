"""The picture in base64 is a JPEG too.

S1 and S3 say "the output picture's format is JPEG" in the row of image_urls. That it holds for base64 as well
is our reading, so where calls cost money a breach is a warning: in the report, and no drift.
"""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Graded, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    wanted, grade = contract.format_of(exchange.request.req_key if exchange.request else "", CHECK.grade)
    facts = exchange.picture_facts
    if facts is None or exchange.picture_place != "base64" or facts.format in (wanted, "unknown"):
        return
    yield Graded(f"the picture in base64 is a {facts.format}, wanted {wanted}", grade)


CHECK = Check("picture_in_base64_is_jpeg", "the picture in base64 is a JPEG, as the one behind the link is",
              "S3-out-jpeg, S1-out-jpeg", check, grade="inferred")  # fmt: skip
