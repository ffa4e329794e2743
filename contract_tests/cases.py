"""What a case is: one or several requests, what each must give, and how their answers must relate.

A single planned request and a metamorphic relation are the same thing here, so that the planner, the
budget, the reports and the mutants need to know only one word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import contract, obligations
from .model import SUCCESS, Exchange, Expect, Finding, Request
from .session import Session

Exchanges = Mapping[str, Exchange]
Compare = Callable[[Exchanges, bool], Iterator[str]]


@dataclass(frozen=True)
class Ask:
    """One request of a case. Two asks with the same `key` may share one answer; `repeat` forbids it."""

    request: Request
    expect: Expect | None = SUCCESS
    repeat: int = 0
    rewrite: Callable[[bytes], bytes] | None = None
    changes: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> str:
        rewrite = self.rewrite.__name__ if self.rewrite else ""
        return f"{self.request!r} {self.repeat} {rewrite} {self.changes!r}"

    @property
    def is_free(self) -> bool:
        """Whether it must be refused before inference. That this costs nothing is a hypothesis."""
        return self.expect is not None and not self.expect.success


def nothing_to_compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True)
class Case:
    """`asks` draws the requests for a variant, so that nights differ; `compare` yields what is wrong.

    `needs` are capabilities without which the case means nothing. `is_live` says that it may run where
    calls cost money. `is_probable` marks sentences that speak of probability: N of M decides.
    """

    id: str
    sentence: str
    source: str
    asks: Callable[[int], Mapping[str, Ask]]
    compare: Compare = nothing_to_compare
    needs: frozenset[str] = frozenset()
    is_live: bool = True
    is_probable: bool = False
    covers: tuple[str, ...] = ()
    tags: frozenset[str] = field(default_factory=frozenset)

    def cost(self, variant: int = 0) -> int:
        return sum(not ask.is_free for ask in self.asks(variant).values())

    def obligations(self, variant: int = 0) -> frozenset[str]:
        """What this case speaks for: itself, its sentences, and what each of its requests meets or breaks."""
        found = {f"relation {self.id}", *self.covers, *(f"sentence {one.strip()}" for one in self.source.split(","))}
        for ask in self.asks(variant).values():
            found |= obligations.of_request(ask.request, ask.expect)
        return frozenset(found)


def run_case(
    case: Case, session: Session, variant: int = 0, shared: dict[str, Exchange] | None = None
) -> list[Finding]:
    """Send what a case asks (or take a shared answer), compare, and give every finding."""
    session.case_id, session.case_source = case.id, case.source
    session.take_findings()
    shared = {} if shared is None else shared
    exchanges: dict[str, Exchange] = {}
    for name, ask in case.asks(variant).items():
        if ask.key not in shared:
            shared[ask.key] = send(session, ask)
        exchanges[name] = shared[ask.key]
    return [*session.take_findings(), *compared(case, exchanges, session.target.can("exact_pixels"))]


def send(session: Session, ask: Ask) -> Exchange:
    changes = dict(ask.changes)
    sent = session.compose(ask.request, **changes)
    if ask.rewrite:
        sent = session.compose(ask.request, **{**changes, "body": ask.rewrite(sent.body)})
    return session.post(sent, ask.expect)


def compared(case: Case, exchanges: Exchanges, exact: bool) -> list[Finding]:
    """What the relation finds, if every answer that it needs is there."""
    asks = case.asks(0)
    lacking = [
        name for name, exchange in exchanges.items() if asks[name].expect == SUCCESS and exchange.picture is None
    ]
    if lacking:
        return []
    try:
        texts = list(case.compare(exchanges, exact))
    except Exception as error:  # a broken picture is reported by its own check, not by a traceback here
        texts = [f"the answers cannot be compared: {type(error).__name__}: {error}"]
    return [Finding(case.id, text, case.source, case.sentence, case.id, is_probable=case.is_probable) for text in texts]


def expect_row(rule: str, *, name_rule: bool = True) -> Expect:
    """A refusal by the row that answers a rule."""
    row = contract.row_for_rule(rule)
    return Expect(success=False, row=row.id, rule=rule if name_rule else "", grade=row.grade)
