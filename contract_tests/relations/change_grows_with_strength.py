"""MR 11: the smaller `strength`, the nearer the original; 0 is the original."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import mean_difference, psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

LEVELS = (0, 0.4, 1.0)
SLACK = {True: 0.3, False: 2.0}


def asks(variant: int) -> dict[str, Ask]:
    return {f"strength {level}": Ask(b.removal(variant, strength=level)) for level in LEVELS}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    pictures = [exchange.received_picture for exchange in exchanges.values()]
    source = b.source_picture(exchanges["strength 0"])
    if psnr_db(source, pictures[0]) < b.ALIKE_DB:
        yield "strength 0 is not the original"
    seen = [mean_difference(source, picture) for picture in pictures]
    if seen[0] > seen[1] + SLACK[exact] or seen[1] > seen[2] + SLACK[exact] or (exact and not seen[0] < seen[2]):
        yield f"strength {LEVELS} is {[round(one, 2) for one in seen]} away from the original: not growing"


CASES = (
    Case("MR11", "smaller strength is nearer the original, 0 is the original",
         "S3-strength-zero, S3-strength-range, S3-strength-default", asks, compare),
)  # fmt: skip
