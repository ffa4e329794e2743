"""The picture behind a link is a JPEG."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    facts, wanted = exchange.picture_facts, contract.figure("output_format")
    if facts is None or exchange.picture_place != "url" or facts.format in (wanted, "unknown"):
        return
    yield f"the picture behind the link is a {facts.format}, wanted {wanted}"


CHECK = Check("picture_is_jpeg", "the picture behind the link is a JPEG", "S3-out-jpeg, S1-out-jpeg", check)
