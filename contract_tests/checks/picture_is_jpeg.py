"""The picture behind a link is a JPEG; of some newer req_keys it is a PNG, as the catalog says."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Graded, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    wanted, grade = contract.format_of(exchange.request.req_key if exchange.request else "", CHECK.grade)
    facts = exchange.picture_facts
    if facts is None or exchange.picture_place != "url" or facts.format in (wanted, "unknown"):
        return
    yield Graded(f"the picture behind the link is a {facts.format}, wanted {wanted}", grade)


CHECK = Check("picture_is_jpeg", "the picture behind the link is a JPEG", "S3-out-jpeg, S1-out-jpeg", check)
