"""MR 3: the same positive seed and the same rest give the same picture; another seed gives another."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import changed_area
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks_same(variant: int) -> dict[str, Ask]:
    return {"once": Ask(b.edit(variant)), "again": Ask(b.edit(variant), repeat=1)}


def asks_other(variant: int) -> dict[str, Ask]:
    return {"one": Ask(b.edit(variant)), "other": Ask(b.edit(variant, seed=b.SEED + variant + 1))}


def asks_other_seededit(variant: int) -> dict[str, Ask]:
    return {"one": Ask(b.seededit(variant)), "other": Ask(b.seededit(variant, seed=b.SEED + variant + 1))}


def is_same(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = (exchange.received_picture for exchange in exchanges.values())
    if exact and one != other:
        yield "the same request gave two different files"
    elif why := b.unlike(one, other, exact):
        yield f"the same request gave two pictures: {why}"


def is_other(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = (exchange.received_picture for exchange in exchanges.values())
    if not changed_area(one, other, above=12):
        yield "another seed gave the same picture: it seems to be ignored"


SOURCE = "S3-seed-repeat, S1-seed-repeat"
CASES = (
    Case("MR03-same", "the same positive seed very probably gives the same picture", SOURCE, asks_same, is_same,
         is_probable=True),
    Case("MR03-other", "another seed gives another picture", SOURCE + ", S3-seed, S1-seed", asks_other, is_other,
         is_probable=True),
    Case("MR03-other-seededit", "another seed gives another picture", "S0-seededit-seed", asks_other_seededit, is_other,
         is_probable=True),
)  # fmt: skip
