"""MR 4: seed -1 is never an error, and two of its answers very probably differ.

Two random seeds may meet by chance, so where calls cost money the same file twice must be seen N of M times.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks(variant: int) -> dict[str, Ask]:
    return {"once": Ask(b.edit(variant, seed=-1)), "again": Ask(b.edit(variant, seed=-1), repeat=1)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = (exchange.received_picture for exchange in exchanges.values())
    if one == other:
        yield "seed -1 gave the same file twice"


CASES = (Case("MR04", "seed -1 asks for a random one", "S3-seed, S1-seed, S1-seed-default", asks, compare,
              is_probable=True),)  # fmt: skip
