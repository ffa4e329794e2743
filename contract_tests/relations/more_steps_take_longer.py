"""MR 19: more steps take longer. Only where time is real."""

from __future__ import annotations

from collections.abc import Iterator

from ..checks.time_elapsed_is_duration import seconds
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

A_MODELS_TIME_S = 0.5


def asks(variant: int) -> dict[str, Ask]:
    return {"few": Ask(b.edit(variant, steps=5)), "many": Ask(b.edit(variant, steps=60))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    few_s, many_s = (seconds(exchange.answer.members.get("time_elapsed")) or 0.0 for exchange in exchanges.values())
    if few_s < A_MODELS_TIME_S:
        return  # so quick an answer comes from no model: nothing is to be learnt of its time
    if many_s <= few_s:
        yield f"60 steps took {many_s:.2f} s, 5 steps {few_s:.2f} s"


CASES = (
    Case("MR19", "time grows sharply with steps", "S3-steps-slower, S3-steps, S1-steps", asks, compare,
         needs=frozenset({"real_time"}), is_probable=True),
)  # fmt: skip
