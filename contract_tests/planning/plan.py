"""Which cases tonight: greedily by new obligations per paid call, shared answers counted once.

The whole round is cut into nights of at most `budget` calls; the UTC date says which night it is and,
round by round, which variant of scenes and seeds is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from .cases import Case

RESERVE = 2
"""Paid calls of a night that are kept for repeating what was inconclusive."""
FREE_PER_NIGHT = 40
DEFAULT_BUDGET = 24
"""What `--plan` shows without `--budget`: a full round then takes five nights."""
MODEL_S = 8.0
"""How long one picture takes, roughly: the samples of S1 and S3 say 4 s, SeedEdit's more."""
PAID = frozenset({"paid", "real_time"})
"""The capabilities of a target where calls cost money."""


@dataclass(frozen=True)
class Night:
    """What one night runs: refused cases first, then paid ones; `cost` counts shared answers once."""

    cases: tuple[Case, ...]
    cost: int
    number: int
    nights: int
    variant: int = 0

    @property
    def free_calls(self) -> int:
        """The number of different requests that cost nothing."""
        asks = (ask for case in self.cases for ask in case.asks(self.variant).values())
        return len({ask.key for ask in asks if ask.is_free})


def plan_night(cases: Sequence[Case], budget: int, today: dt.date) -> Night:
    """Tonight's share of the round."""
    nights = plan_round(cases, budget)
    number, variant = today.toordinal() % len(nights), today.toordinal() // len(nights)
    chosen = nights[number]
    return Night(_refused_first(chosen), paid_calls(chosen), number, len(nights), variant)


def plan_round(cases: Sequence[Case], budget: int) -> list[list[Case]]:
    """Every case once, in nights of at most `budget` paid calls less the reserve."""
    return [list(night) for night in _round(tuple(cases), budget)]


@lru_cache(maxsize=8)
def _round(cases: tuple[Case, ...], budget: int) -> list[list[Case]]:
    room = budget - min(RESERVE, budget // 4)
    free = [case for case in cases if case.cost() == 0]
    paid = [case for case in cases if 0 < case.cost() <= room]
    nights: list[list[Case]] = []
    covered: set[str] = set()
    while paid:
        night = _fill(paid, room, covered)
        nights.append(night)
        paid = [case for case in paid if case not in night]
    return _spread(free, nights or [[]])


def _fill(cases: list[Case], room: int, covered: set[str]) -> list[Case]:
    night: list[Case] = []
    left = list(cases)
    while left:
        fitting = [case for case in left if paid_calls([*night, case]) <= room]
        if not fitting:
            break
        best = max(fitting, key=lambda case: (_worth(case, night, covered), case.id))
        night.append(best)
        covered |= _obligations(best)
        left.remove(best)
    return night


def _worth(case: Case, night: list[Case], covered: set[str]) -> float:
    """New obligations per additional paid call; a call that is shared already costs nothing."""
    more = paid_calls([*night, case]) - paid_calls(night)
    return len(_obligations(case) - covered) / (more or 0.1)


def paid_calls(cases: Iterable[Case]) -> int:
    """Answers that several cases share are paid for once."""
    return len(frozenset().union(*(_paid_keys(case) for case in cases)))


@cache
def _paid_keys(case: Case) -> frozenset[str]:
    return frozenset(ask.key for ask in case.asks(0).values() if not ask.is_free)


@cache
def _obligations(case: Case) -> frozenset[str]:
    return case.obligations()


def _spread(free: list[Case], nights: list[list[Case]]) -> list[list[Case]]:
    """Refused cases cost nothing but are rate limited: all of them where they fit, else turn by turn."""
    calls = sum(len(case.asks(0)) for case in free)
    if calls <= FREE_PER_NIGHT:
        return [[*free, *night] for night in nights]
    return [[*free[number :: len(nights)], *night] for number, night in enumerate(nights)]


def _refused_first(cases: list[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: case.cost() > 0))


def too_dear(cases: Iterable[Case], budget: int) -> list[str]:
    """In words, the cases that no night of this budget can hold."""
    room = budget - min(RESERVE, budget // 4)
    left_out = [f"{case.id} ({case.cost()})" for case in cases if case.cost() > room]
    if not left_out:
        return []
    return [
        f"a budget of {budget} is too small for {len(left_out)} cases, which are never run "
        f"(paid calls; {budget - room} are kept for repetitions): {', '.join(left_out)}"
    ]


def minutes(night: Night, rps: float) -> float:
    """About how long a night takes: the pace between requests, or a model's time for each paid call."""
    return (night.free_calls / rps + night.cost * max(1 / rps, MODEL_S)) / 60


def described(night: Night, budget: int, spent: int, rps: float = 1.0) -> str:
    """The plan in words, for --plan."""
    lines = [
        f"night {night.number + 1} of {night.nights}: a full round takes {night.nights} nights",
        f"{night.cost} paid calls planned of {budget} ({spent} spent today), "
        f"{night.free_calls} calls that must be refused",
        f"{night.cost + night.free_calls} requests, about {minutes(night, rps):.0f} minutes; repeating what is "
        f"inconclusive or contradicts a sentence of probability may add up to {max(budget - spent - night.cost, 0)} "
        "paid calls, and refusals",
        "",
    ]
    for case in night.cases:
        worth = len(_obligations(case))
        lines.append(f"  {case.id:<28} {case.cost(night.variant)} paid  {worth:>3} obligations  {case.sentence}")
    return "\n".join(lines)
