"""The order of checks at a service: which of two mistakes in one request it answers. Reported; no switch plays it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..model import Exchange
from ..relations.earlier_check_wins import IN_ORDER, asks
from .answers import Untold
from .measure import Calibrator


def order_of_checks(calibrator: Calibrator) -> list[str]:
    """A line for each pair of neighbours in the mock's order. Every request is refused, so none should cost."""
    try:
        return [_compared(calibrator, one.name, other.name) for one, other in pairwise(IN_ORDER)]
    except Untold as error:
        return [f"order of checks: not told: {error}"]


def _compared(calibrator: Calibrator, one: str, other: str) -> str:
    alone, later, both = (_seen(_asked(calibrator, name)) for name in (one, other, f"{one} + {other}"))
    if alone == later:
        return f"order of checks: {one}, {other}: both are answered alike"
    first = {repr(alone): one, repr(later): other}.get(repr(both))
    return f"order of checks: {one}, {other}: {f'{first} is answered' if first else 'another answer than either'}"


def _asked(calibrator: Calibrator, name: str) -> Exchange:
    use = f"calibrate/order/{name}"
    asked = {"key": "missing"} if "key missing" in name else {}
    return calibrator.exchange(calibrator.compose(asks(0)[name], use), f"order-{name.replace(' ', '-')}", asked)


def _seen(exchange: Exchange) -> tuple[Any, ...]:
    members = exchange.answer.members
    return exchange.answer.status, exchange.answer.code, members.get("message"), "error" in members
