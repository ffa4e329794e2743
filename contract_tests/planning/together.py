"""Requests in flight at the same time: what only a busy service gets wrong, such as two answers exchanged."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from ..model import Answer, Exchange, Expect, Finding, Sent
from ..runner.session import Session

Found = dict[str, tuple[Exchange, tuple[Finding, ...]]]


def send_together(session: Session, sent: Mapping[str, Sent], expects: Mapping[str, Expect | None]) -> Found:
    """Send requests at the same time; the answers and what the checks find in each, by the same names.

    Everything but the sending is done one after another: the budget is taken before any is sent.
    """
    for one in sent.values():
        session.target.prepare(one)
        session.before_send(one)
    answers = _answers(session, list(sent.values()))
    found: Found = {}
    for (name, one), answer in zip(sent.items(), answers, strict=True):
        exchange = session.received(one, answer, expects[name])
        found[name] = exchange, tuple(session.take_findings())
    return found


def _answers(session: Session, sent: list[Sent]) -> list[Answer]:
    """Every thread waits for all before it sends. The first exception is raised once all have ended."""
    barrier = threading.Barrier(len(sent))

    def send(one: Sent) -> Answer:
        barrier.wait()
        return session.target.send(one)

    with ThreadPoolExecutor(len(sent)) as pool:
        return list(pool.map(send, sent))
