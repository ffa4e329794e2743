"""How much of what was planned a run judged, per operation, and whether that is enough to call it a verdict.

A case is judged when it conformed or drifted. An obligation is judged when one of its cases is. An operation
that was planned needs at least one judged success: refusals alone say nothing about what it paints. A part that was
planned (planning/parts.py) needs one judged case: a share alone would not tell that all links or all refusals failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..planning.kinds import TASKS, TOGETHER

if TYPE_CHECKING:
    from .verdicts import Result

NAMED = 6
"""Unjudged obligations that a line names."""
MAY_BE_DECLINED = (TASKS, TOGETHER)
"""Parts that a target may refuse to all callers: tasks are known from client code only, and an account may be allowed
one request at a time (50430)."""


@dataclass(frozen=True)
class Tally:
    """Obligations judged, of those planned."""

    judged: frozenset[str] = frozenset()
    planned: frozenset[str] = frozenset()

    @property
    def share(self) -> float:
        """0 to 1. Nothing planned leaves nothing unjudged."""
        return len(self.judged) / len(self.planned) if self.planned else 1.0

    @property
    def unjudged(self) -> frozenset[str]:
        """What was planned and not judged."""
        return self.planned - self.judged

    def __str__(self) -> str:
        return f"{len(self.judged)}/{len(self.planned)}"


@dataclass(frozen=True)
class Judged:
    """The tally of a run, of each operation it planned, the operations without a judged success, and the parts without
    a judged case, each with its operations.

    `nights` counts, for obligations that were planned and not judged, the nights in a row that this happened.
    """

    total: Tally
    operations: Mapping[str, Tally] = field(default_factory=dict)
    without_success: tuple[str, ...] = ()
    unseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nights: Mapping[str, int] = field(default_factory=dict)

    def lacking(self, minimum: float) -> list[str]:
        """Why this is too little to judge by, in words; empty when it is enough."""
        return [*self._operations_without_success(), *self._unseen_parts(), *self._too_few(minimum)]

    def _operations_without_success(self) -> Iterator[str]:
        for name in self.without_success:
            yield f"{name} was planned, and no success of it was judged"

    def _unseen_parts(self) -> Iterator[str]:
        for what, names in self.unseen.items():
            yield f"{what}{' of ' if names else ''}{', '.join(names)}: planned, and no case was judged"

    def _too_few(self, minimum: float) -> Iterator[str]:
        if self.total.share >= minimum:
            return
        names = sorted(self.total.unjudged)
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield (
            f"{len(self.total.judged)} of {len(self.total.planned)} planned obligations were judged "
            f"({self.total.share:.0%}, wanted {minimum:.0%}); not judged: {'; '.join(names[:NAMED])}{more}"
        )

    def __str__(self) -> str:
        """The first line of the summary."""
        parts = [f"{name} {tally}" for name, tally in sorted(self.operations.items())]
        text = f"judged {self.total} planned obligations" + (f" ({', '.join(parts)})" if parts else "")
        if not self.nights:
            return f"{text}; none unjudged"
        longest = max(self.nights.values())
        return f"{text}; {len(self.nights)} unjudged, for up to {longest} night{'s' if longest > 1 else ''} in a row"


def judged(results: Iterable[Result], nights: Mapping[str, int] | None = None) -> Judged:
    """Count what the results judged. `nights` is the count of the history, of which the unjudged part is kept."""
    found = list(results)
    names = sorted(frozenset().union(*(one.operations for one in found)))
    total = _tally(found)
    operations = {name: _tally(one for one in found if name in one.operations) for name in names}
    successes = frozenset().union(*(one.successes for one in found if one.is_judged))
    known = {one: (nights or {}).get(one, 1) for one in total.unjudged}
    without = tuple(name for name in names if name not in successes)
    return Judged(total, operations, without, _unseen(found), known)


def _unseen(results: Iterable[Result]) -> dict[str, tuple[str, ...]]:
    """The parts that were planned and not judged; those of single operations only where the whole part was judged."""
    planned: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        for part in result.parts:
            planned.setdefault(part, []).append(result)
    unseen = sorted(part for part, cases in planned.items() if not _is_seen(part[0], cases))
    found = {what: () for what, name in unseen if not name}
    singly = {what for what, _ in unseen if what not in found}
    return {**found, **{what: tuple(name for one, name in unseen if one == what) for what in sorted(singly)}}


def _is_seen(what: str, cases: Iterable[Result]) -> bool:
    some = list(cases)
    if any(one.is_judged for one in some):
        return True
    return what in MAY_BE_DECLINED and all(one.was_declined for one in some)


def _tally(results: Iterable[Result]) -> Tally:
    found = list(results)
    every = frozenset[str]().union(*(one.obligations for one in found))
    return Tally(frozenset[str]().union(*(one.obligations for one in found if one.is_judged)), every)
