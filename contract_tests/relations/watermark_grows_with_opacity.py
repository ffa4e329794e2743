"""MR 9: the watermark's difference grows with its opacity, and at 0 there is none."""

from __future__ import annotations

from collections.abc import Iterator

from ..pictures.pixels import mean_difference
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

LEVELS = (0.0, 0.3, 1.0)


def asks(variant: int) -> dict[str, Ask]:
    marked = {
        f"opacity {level}": Ask(b.removal(variant, logo_info={"add_logo": True, "opacity": level})) for level in LEVELS
    }
    return {"unmarked": Ask(b.removal(variant)), **marked}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    plain = exchanges["unmarked"].received_picture
    seen = [mean_difference(plain, exchanges[f"opacity {level}"].received_picture) for level in LEVELS]
    noise = 0.02 if exact else 1.0
    if seen[0] > noise:
        yield f"opacity 0 still changes the picture, by {seen[0]:.2f} levels on average"
    if not seen[0] < seen[1] < seen[2]:
        yield f"opacity {LEVELS} changes the picture by {[round(one, 2) for one in seen]}: not growing"


CASES = (Case("MR09", "opacity lies in 0 to 1, 1 is opaque", "S3-logo-opacity, S1-logo-opacity", asks, compare,
              is_probable=True),)  # fmt: skip
