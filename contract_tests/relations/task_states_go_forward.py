"""TK01: a task is in_queue, then generating, then done, and never goes back; done, it stays done."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from ..model import Exchange
from ..planning.cases import Ask, Case, Exchanges, NoEvidence
from ..runner.session import Session
from . import polling as p
from .scenes import NAMES, Scene, first_scenes

ORDER = ("in_queue", "generating", "done")


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    return {"submit": p.submit(scene.request(variant))}


def follow(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """Polls until the end, and once more."""
    found = p.polled(session, exchanges)
    last = list(p.polls(found).values())[-1]
    if p.state_of(last) == "done":
        found["after the end"] = p.poll(session, exchanges["submit"], "after the end", p.AGAIN)
    return found


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    polls = p.polls(exchanges)
    later = {name: one for name, one in exchanges.items() if name == "after the end" and one.answer.is_success}
    states = [(name, p.state_of(one)) for name, one in {**polls, **later}.items()]
    for (_, before), (name, state) in pairwise(states):
        if before in ORDER and (state not in ORDER or ORDER.index(state) < ORDER.index(before)):
            yield f"{name}: the task is {state or 'refused'} after it was {before}"
    if states[0][1] in ("not_found", "expired"):
        yield f"a task that was just submitted is {states[0][1]}"
    yield from _never_done(list(polls), states[len(polls) - 1][1], exact)


def _never_done(names: list[str], state: str, exact: bool) -> Iterator[str]:
    """No document says how long a task takes; the mock says it."""
    if state not in p.WAITING:
        return
    if not exact:
        raise NoEvidence(f"the task was still {state} after {len(names)} polls")
    yield f"the task is still {state} after {len(names)} polls, though nothing takes time here"


CASES = tuple(
    Case(f"TK01-{NAMES[scene.req_key]}", "in_queue, then generating, then done, never back", "V-tasks-statuses",
         partial(asks, scene), compare, follow_up=follow, grade="prose") for scene in first_scenes()
)  # fmt: skip
