"""TK08: the states of a task follow the clock: queue, then generating, then done, and not_found after its lifetime."""

from __future__ import annotations

from collections.abc import Iterator

from .. import contract
from ..model import Exchange
from ..planning.cases import Ask, Case, Exchanges
from ..runner.session import Session
from . import builders as b
from . import polling as p

SCOPE = ("X-Volcv-Mock-Scope", "contract-tasks")
TIMES = ("X-Volcv-Mock", "queue=20s; generating=40s")
LATER = {"at once": (0, "in_queue"), "after 30 s": (30, "generating"), "after 70 s": (40, "done"),
         "after its lifetime": (contract.figure("task_lifetime_s"), "not_found")}  # fmt: skip
"""By name, the seconds that pass before the poll, and the state that it must give."""


def asks(variant: int) -> dict[str, Ask]:
    return {"submit": p.submit(b.removal(variant), SCOPE, TIMES)}


def follow(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """A poll in each state, the clock of the scope moved in between."""
    found, headers = dict(exchanges), dict([SCOPE])
    for name, (seconds, _) in LATER.items():
        session.target.client.post("/_mock/clock/advance", json={"seconds": seconds}, headers=headers)
        found[name] = p.poll(session, exchanges["submit"], name, None)
    session.target.client.post("/_mock/reset", headers=headers)
    return found


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    for name, (_, wanted) in LATER.items():
        if (state := p.state_of(exchanges[name])) != wanted:
            yield f"{name} the task is {state or 'refused'}, wanted {wanted}"


CASES = (
    Case("TK08", "a task can be asked for 12 hours", "V-tasks-statuses", asks, compare, needs=frozenset({"control"}),
         is_live=False, follow_up=follow, grade="prose"),
)  # fmt: skip
