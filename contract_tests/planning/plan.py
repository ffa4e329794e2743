"""Which cases tonight: greedily by new obligations per paid call, shared answers counted once.

The whole round is cut into nights of at most `budget` calls; the UTC date says which night it is and,
round by round, which variant of scenes and seeds is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from ..runner.options import TARGETS
from .cases import EVERY_NIGHT, Case
from .kinds import when_met

RESERVE = 2
"""Paid calls of a night that are kept for repeating what was inconclusive."""
FREE_PER_NIGHT = 40
DEFAULT_BUDGET = 24
"""What `--plan` shows without `--budget`."""
RUNS, RUNS_OF_PROBABLE = 1, 2
"""How often a case may be run again (runner/runner.py)."""
MODEL_S = 8.0
"""How long one picture takes, roughly: the samples of S1 and S3 say 4 s, SeedEdit's more."""
PAID = frozenset({"paid", "real_time"})
"""The capabilities of every target where calls cost money."""
NEVER = 10**6
"""The age of what was never judged, in days."""
Ages = Mapping[str, int]


@dataclass(frozen=True)
class Night:
    """What one night runs: refused cases first, then paid ones, late readings last.

    `cost` counts shared answers once. `coming` are the nights from tonight on, of one whole round.
    """

    cases: tuple[Case, ...]
    cost: int
    number: int
    nights: int
    variant: int = 0
    coming: tuple[tuple[Case, ...], ...] = ()

    @property
    def tasks(self) -> int:
        """The number of tasks that are submitted, and then polled."""
        asks = (ask for case in self.cases for ask in case.asks(self.variant).values())
        return len({ask.key for ask in asks if ask.step == "submit" and not ask.is_free})

    @property
    def free_calls(self) -> int:
        """The number of different requests that cost nothing."""
        asks = (ask for case in self.cases for ask in case.asks(self.variant).values())
        return len({ask.key for ask in asks if ask.is_free})

    @property
    def free_repetitions(self) -> int:
        """The refused requests that may come on top: what is inconclusive is sent twice, and what speaks of
        probability three times."""
        return sum(self._free_of(case) * (RUNS_OF_PROBABLE if case.is_probable else RUNS) for case in self.cases)

    def _free_of(self, case: Case) -> int:
        return sum(ask.is_free for ask in case.asks(self.variant).values())


def capabilities_of(target: str) -> frozenset[str]:
    """What a paid target can do, by its name."""
    return PAID | TARGETS[target].can


def plan_night(cases: Sequence[Case], budget: int, today: dt.date, ages: Ages | None = None) -> Night:
    """Tonight's share of the round.

    `ages` gives the days since each obligation was judged; one that it lacks was never judged. With it, the cases
    that went unjudged longest come first; without any history the UTC date says which part of the round it is.
    """
    nights = plan_round(cases, budget, ages)
    number, variant = today.toordinal() % len(nights), today.toordinal() // len(nights)
    coming = nights if ages else [*nights[number:], *nights[:number]]
    chosen = coming[0]
    return Night(in_order(chosen), paid_calls(chosen), 0 if ages else number, len(nights), variant,
                 tuple(tuple(night) for night in coming))  # fmt: skip


def ages_of(judged_on: Mapping[str, str], today: dt.date) -> Ages:
    """Days since each obligation was judged."""
    return {name: (today - dt.date.fromisoformat(date)).days for name, date in judged_on.items()}


def plan_round(cases: Sequence[Case], budget: int, ages: Ages | None = None) -> list[list[Case]]:
    """Every case once, in nights of at most `budget` paid calls less the reserve."""
    known = tuple(sorted((ages or {}).items()))
    return [list(night) for night in _round(tuple(cases), budget, known)]


@lru_cache(maxsize=8)
def _round(cases: tuple[Case, ...], budget: int, known: tuple[tuple[str, int], ...]) -> list[list[Case]]:
    room, ages = budget - min(RESERVE, budget // 4), dict(known)
    free = [case for case in cases if case.cost() == 0]
    paid = [case for case in cases if 0 < case.cost() <= room]
    nights: list[list[Case]] = []
    covered: set[str] = set()
    usual = _usual(paid)
    while paid:
        night = _fill(paid, usual, room, covered, ages)
        nights.append(night)
        taken = {case.id for case in night}
        paid = [case for case in paid if case.id not in taken]
    return _spread(_oldest_first(free, ages), nights or [[]])


def _usual(paid: Iterable[Case]) -> Mapping[str, Case]:
    """For each operation the cheapest case that asks for a picture of it. A night that has no other case of the
    operation repeats this one: an outage of one operation is seen in the night in which it happens."""
    found: dict[str, Case] = {}
    for case in sorted(paid, key=lambda case: (case.cost(), case.is_probable or case.is_late, case.id)):
        for name in sorted(_operations(case)):
            found.setdefault(name, case)
    return found


def _oldest_first(cases: list[Case], ages: Ages) -> list[Case]:
    return sorted(cases, key=lambda case: -age_of(case, ages)) if ages else cases


def age_of(case: Case, ages: Ages) -> int:
    """The days since the case itself was judged: each names an obligation of its own."""
    return ages.get(f"relation {case.id}", NEVER) if ages else 0


def _fill(cases: list[Case], usual: Mapping[str, Case], room: int, covered: set[str], ages: Ages) -> list[Case]:
    """The oldest cases first; among equals, the most new obligations for each additional paid call.

    Each operation has a case, as far as the room goes, before any has a second one.
    """
    night = _Filling(list(cases), room, covered, ages)
    for name in sorted(usual, key=lambda name: (sum(name in _operations(case) for case in cases), name)):
        night.take_best(name)
    if not night.cases:
        night.take_best()
    for name, case in usual.items():
        night.repeat(name, case)
    while night.take_best():
        pass
    return night.cases


@dataclass
class _Filling:
    """A night while its cases are chosen from those left."""

    left: list[Case]
    room: int
    covered: set[str]
    ages: Ages
    cases: list[Case] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def take_best(self, operation: str = "") -> bool:
        """Take the best that fits, with an operation that the night lacks if one is named; whether there was one."""
        if operation and self._has(operation):
            return False
        wanted = [case for case in self.left if not operation or operation in _operations(case)]
        fitting = [case for case in wanted if self._fits(case)]
        if not fitting:
            return False
        self._take(max(fitting, key=lambda case: (age_of(case, self.ages), self._worth(case), case.id)))
        return True

    def repeat(self, operation: str, case: Case) -> None:
        """Take a case that another night has, where this one would lack its operation."""
        if not self._has(operation) and self._fits(case):
            self._take(case)

    def _take(self, case: Case) -> None:
        self.cases.append(case)
        self.keys |= _paid_keys(case)
        self.covered |= _obligations(case)
        if case in self.left:
            self.left.remove(case)

    def _has(self, operation: str) -> bool:
        return any(operation in _operations(case) for case in self.cases)

    def _fits(self, case: Case) -> bool:
        return len(self.keys | _paid_keys(case)) <= self.room

    def _worth(self, case: Case) -> float:
        """New obligations per additional paid call; a call that is shared already costs nothing."""
        more = len(_paid_keys(case) - self.keys)
        return len(_obligations(case) - self.covered) / (more or 0.1)


def paid_calls(cases: Iterable[Case]) -> int:
    """Answers that several cases share are paid for once."""
    return len(frozenset().union(*(_paid_keys(case) for case in cases)))


@cache
def _paid_keys(case: Case) -> frozenset[str]:
    return frozenset(ask.key for ask in case.asks(0).values() if not ask.is_free)


@cache
def _operations(case: Case) -> frozenset[str]:
    return case.operations()


@cache
def _obligations(case: Case) -> frozenset[str]:
    return case.obligations()


def _spread(free: list[Case], nights: list[list[Case]]) -> list[list[Case]]:
    """Refused cases cost nothing but are rate limited: all of them where they fit, else turn by turn.

    Those that are due every night are in each.
    """
    always = [case for case in free if case.tags & EVERY_NIGHT]
    others = [case for case in free if case not in always]
    if sum(len(case.asks(0)) for case in free) <= FREE_PER_NIGHT:
        return [[*free, *night] for night in nights]
    return [[*always, *others[number :: len(nights)], *night] for number, night in enumerate(nights)]


def in_order(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Refused cases first, then paid ones; a link is read again when the others are done.

    Sentences of probability come before other paid cases: what contradicts one is asked again, which needs room.
    """
    return tuple(sorted(cases, key=lambda case: (case.cost() > 0, case.is_late, not case.is_probable)))


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
        f"paid calls and {night.free_repetitions} that must be refused",
        *([f"{night.tasks} of the paid calls submit a task, which is then polled for nothing"] if night.tasks else []),
        *when_met(night.coming),
        "",
    ]
    for case in night.cases:
        worth = len(_obligations(case))
        lines.append(f"  {case.id:<28} {case.cost(night.variant)} paid  {worth:>3} obligations  {case.sentence}")
    return "\n".join(lines)
