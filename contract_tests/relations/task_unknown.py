"""TK04: a task that nobody submitted is not_found, or refused with 50215 as a real answer shows.

Where the mock is judged, so is a task asked for with another req_key than it was submitted with, and one that was
given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..checks.base import Graded
from ..model import Exchange
from ..planning.cases import Ask, Case, Exchanges, NoEvidence
from ..runner.session import Session
from . import builders as b
from . import polling as p

REFUSED = 50215
STAYS = ("X-Volcv-Mock", "queue=1h")


def asks(variant: int) -> dict[str, Ask]:
    return {"unknown": p.about("i2i_inpainting", p.NEVER_SUBMITTED)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str | Graded]:
    yield from _is_unknown(exchanges["unknown"], "a task that nobody submitted")


def _is_unknown(exchange: Exchange, what: str) -> Iterator[str | Graded]:
    answer, state = exchange.answer, p.state_of(exchange)
    if exchange.in_front or answer.status in (401, 403, 404, 429) or answer.status >= 500:
        raise NoEvidence(f"HTTP {answer.status} says nothing about tasks")
    if answer.is_success and state != "not_found":
        yield f"{what} is {state or 'without a status'}, wanted not_found"
    elif not answer.is_success and (answer.code, answer.status) != (REFUSED, 400):
        yield Graded(f"{what} was answered with HTTP {answer.status}, code {answer.code}; wanted not_found, or HTTP "
                     f"400 with {REFUSED}", "inferred")  # fmt: skip


def asks_other_key(variant: int) -> dict[str, Ask]:
    return {"submit": p.submit(b.removal(variant))}


def follow_other_key(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """The task asked for as one of another req_key."""
    return {**exchanges, "unknown": p.poll(session, exchanges["submit"], "unknown", None, req_key="byteedit_v2.0")}


def compare_other_key(exchanges: Exchanges, exact: bool) -> Iterator[str | Graded]:
    yield from _is_unknown(exchanges["unknown"], "a task of another req_key")


def asks_cancelled(variant: int) -> dict[str, Ask]:
    return {"submit": p.submit(b.removal(variant), STAYS)}


def follow_cancelled(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """A poll, the cancel, and a poll."""
    ask = partial(p.poll, session, exchanges["submit"])
    return {**exchanges, "before": ask("before"), "cancel": ask("cancel", p.ANSWERED, p.CANCEL),
            "unknown": ask("unknown", None)}  # fmt: skip


def compare_cancelled(exchanges: Exchanges, exact: bool) -> Iterator[str | Graded]:
    if p.state_of(exchanges["before"]) != "in_queue":
        yield f"a task that stays in the queue is {p.state_of(exchanges['before'])}"
    yield from _is_unknown(exchanges["unknown"], "a task that was given up")


CONTROL = frozenset({"control"})
CASES = (
    Case("TK04-unknown", "a task that nobody submitted is not_found", "V-tasks-statuses, P-seen-50215", asks, compare,
         grade="prose"),
    Case("TK04-other-key", "a task belongs to its req_key", "V-tasks-result", asks_other_key, compare_other_key,
         needs=CONTROL, is_live=False, follow_up=follow_other_key, grade="inferred"),
    Case("TK04-cancelled", "a task that was given up is not_found", "P-cancel", asks_cancelled, compare_cancelled,
         needs=CONTROL, is_live=False, follow_up=follow_cancelled, grade="assumed"),
)  # fmt: skip
