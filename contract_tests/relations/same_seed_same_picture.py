"""MR 3: the same positive seed and the same rest give the same picture. Exactly on a mock; very probably elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks_same(variant: int) -> dict[str, Ask]:
    return {"once": Ask(b.edit(variant)), "again": Ask(b.edit(variant), repeat=1)}


def is_same(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = (exchange.received_picture for exchange in exchanges.values())
    if exact and one != other:
        yield "the same request gave two different files"
    elif why := b.unlike(one, other, exact):
        yield f"the same request gave two pictures: {why}"


CASES = (
    Case("MR03-same", "the same positive seed very probably gives the same picture", "S3-seed-repeat, S1-seed-repeat",
         asks_same, is_same, is_probable=True),
)  # fmt: skip
