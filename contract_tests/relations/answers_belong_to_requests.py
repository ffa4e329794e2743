"""CC: requests in flight at the same time each get their own answer, and refusals stay refusals.

A pair with two refusals where calls cost money, a crowd where they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from ..model import Expect
from ..pictures.pixels import psnr_db
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

REFUSED = Expect(success=False)
OUTSIDE = b.HOLE.grown(b.JPEG_REACH)


def asks(count: int, variant: int) -> dict[str, Ask]:
    """As many valid requests as refused ones, in turn; the pictures show different scenes."""
    found: dict[str, Ask] = {}
    for number in range(count):
        found[f"valid {number}"] = Ask(b.edit(variant + number, seed=b.SEED + 100 + variant + number))
        broken = b.edit(variant + number, scale=99 + number)
        found[f"refused {number}"] = Ask(b.with_violation(broken, "scale out of range"), REFUSED)
    return found


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    answered = {name: one for name, one in exchanges.items() if name.startswith("valid")}
    for name, one in answered.items():
        alike_db = psnr_db(b.source_picture(one), one.received_picture, outside=OUTSIDE)
        if alike_db < b.ALIKE_DB:
            yield f"{name}: outside the mask only {alike_db:.1f} dB like its own picture: another request's answer?"
    for name, other in combinations(answered, 2):
        if answered[name].received_picture == answered[other].received_picture:
            yield f"{name} and {other}: two requests got the same file"


SENTENCE = "requests sent at the same time each get their own answer"
SOURCE = "S3-example-answer, S1-example-answer"
CASES = (
    Case("CC-pair", SENTENCE, SOURCE, partial(asks, 2), compare, is_together=True),
    Case("CC-crowd", SENTENCE, SOURCE, partial(asks, 7), compare, needs=frozenset({"control"}), is_live=False,
         is_together=True),
)  # fmt: skip
