"""What a case is: one or several requests, what each must give, and how their answers must relate.

A single planned request and a metamorphic relation have the same form here, so that the planner, the
budget, the reports and the mutants need only one word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from .. import contract, grades
from ..checks.base import Graded
from ..model import SUCCESS, Exchange, Expect, Finding, Request, Sent
from ..runner.session import EXPECTATION, Session
from . import axes, credentials, obligations
from .together import send_together

Exchanges = Mapping[str, Exchange]
Compare = Callable[[Exchanges, bool], Iterator[str] | Iterator[str | Graded]]


@dataclass(frozen=True)
class Ask:
    """One request of a case. Two asks with the same `key` may share one answer; `repeat` forbids it."""

    request: Request
    expect: Expect | None = SUCCESS
    repeat: int = 0
    rewrite: Callable[[bytes], bytes] | None = None
    changes: tuple[tuple[str, Any], ...] = ()
    credential: str = ""
    """Which wrong credential is sent instead of the target's own (credentials.py)."""

    @property
    def key(self) -> str:
        """Equal only when the bytes sent and the expectation are equal: an answer is shared under this key."""
        rewrite = f"{self.rewrite.__module__}.{self.rewrite.__qualname__}" if self.rewrite else ""
        expect = "" if self.expect == SUCCESS else repr(self.expect)
        return f"{self.request.identity} {self.repeat} {rewrite} {self.changes!r} {expect} {self.credential}"

    @property
    def step(self) -> str:
        """What its Action asks for: "sync", "submit", "result" or "cancel"."""
        query = dict(self.changes).get("query", ())
        return contract.step_of(dict(query).get("Action", ""))

    @property
    def is_free(self) -> bool:
        """Whether it must be refused before inference, or only asks about a task. That this costs nothing is a
        hypothesis."""
        return self.step in ("result", "cancel") or (self.expect is not None and not self.expect.success)


class NoEvidence(Exception):
    """Raised by a comparison when what was answered says nothing about its sentence; the text says why."""


FollowUp = Callable[[Session, Exchanges], Exchanges]


def nothing_to_follow(session: Session, exchanges: Exchanges) -> Exchanges:
    """For cases whose answers are complete at once."""
    return exchanges


def nothing_to_compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    """For cases whose requests are judged one by one."""
    yield from ()


@dataclass(frozen=True)
class Case:
    """`asks` draws the requests for a variant, so that nights differ; `compare` yields what is wrong.

    `needs` are capabilities without which the case means nothing. `is_live` says that it may run where
    calls cost money. `is_probable` marks sentences that speak of probability: N of M decides.
    `cells` names what each success is asked for, in the table of req_key, mode and output form (axes.py).
    `follow_up` adds to the exchanges what is to be seen of them later, such as a second reading of a link; such a
    case comes last in its night. With `is_together` the requests are sent at the same time.
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
    grade: str = "stated"
    """How sure the relation is; below `seen`, a contradiction is a warning on live targets (grades.py)."""
    cells: tuple[str, ...] = ()
    follow_up: FollowUp = nothing_to_follow
    is_together: bool = False

    @property
    def is_late(self) -> bool:
        """Whether it comes last in its night."""
        return self.follow_up is not nothing_to_follow

    def cost(self, variant: int = 0) -> int:
        """The number of paid calls."""
        return _cost(self, variant)

    def operations(self, variant: int = 0) -> frozenset[str]:
        """The req_keys of which this case asks for a picture at once."""
        asks = [ask for ask in self.asks(variant).values() if ask.step == "sync"]
        wanted = {ask.request.req_key for ask in asks if ask.expect is not None and ask.expect.success}
        return frozenset(wanted & contract.operations().keys())

    def obligations(self, variant: int = 0) -> frozenset[str]:
        """What this case covers: itself, its sentences, and what each of its requests meets or breaks."""
        found = {f"relation {self.id}", *self.covers, *(f"sentence {one.strip()}" for one in self.source.split(","))}
        asks = tuple(self.asks(variant).values())
        for ask in asks:
            found |= obligations.of_request(ask.request, ask.expect)
        found |= {str(cell) for cell in axes.cells_of(self.cells, (ask.request for ask in asks if not ask.is_free))}
        return frozenset(found)


@cache
def _cost(case: Case, variant: int) -> int:
    """Asked for again and again by a plan; drawing the requests takes a hundred times as long."""
    return sum(not ask.is_free for ask in case.asks(variant).values())


@dataclass(frozen=True)
class Evidence:
    """What one run of a case showed: its exchanges by name, the findings, and what could not be compared."""

    exchanges: Exchanges
    findings: tuple[Finding, ...]
    missing: str = ""


EVERY_NIGHT = frozenset({"every night"})
"""The tag of cases that no night leaves out."""
COMPARISON_FAILED = "the comparison failed"
Shared = dict[str, tuple[Exchange, tuple[Finding, ...]]]
"""Answers of a run by `Ask.key`, each with what the checks found in it."""


def run_case(case: Case, session: Session, variant: int = 0, shared: Shared | None = None, run: int = 1) -> Evidence:
    """Send what a case asks (or take a shared answer), and compare. `run` counts the repetitions of a case."""
    session.case_id, session.case_source = case.id, case.source
    session.take_findings()
    shared = {} if shared is None else shared
    asks = case.asks(variant)
    exchanges: dict[str, Exchange] = {}
    findings: list[Finding] = []
    if case.is_together:
        shared = _sent_together(case, asks, session, run)
    for name, ask in asks.items():
        if ask.key not in shared:
            shared[ask.key] = send(session, ask, use(case.id, name, run)), tuple(session.take_findings())
        exchanges[name], found = shared[ask.key]
        findings += (_for_case(one, case) for one in found)
    missing = missing_evidence(case, asks, exchanges)
    if not missing:
        exchanges = dict(case.follow_up(session, exchanges))
        findings += (_for_case(one, case) for one in session.take_findings())
        compared_findings, missing = compared(case, exchanges, session.target.capabilities)
        findings += compared_findings
    return Evidence(exchanges, tuple(dict.fromkeys(findings)), missing)


def _sent_together(case: Case, asks: Mapping[str, Ask], session: Session, run: int) -> Shared:
    """All requests of a case at the same time. Answers given one at a time say nothing about that."""
    sent = {ask.key: compose(session, ask, use(case.id, name, run)) for name, ask in asks.items()}
    return send_together(session, sent, {ask.key: ask.expect for ask in asks.values()})


def use(case_id: str, name: str, run: int) -> str:
    """What one exchange is evidence for: the request `name` of a case, in its n-th run."""
    return f"{case_id}/{name}#{run}"


def _for_case(finding: Finding, case: Case) -> Finding:
    """A finding in a shared answer counts for every case that uses the answer."""
    source = case.source if finding.check == EXPECTATION else finding.source
    return replace(finding, case_id=case.id, source=source)


def send(session: Session, ask: Ask, use: str = "") -> Exchange:
    """Send one request of a case, with its changes to headers and body."""
    return session.post(compose(session, ask, use), ask.expect)


def compose(session: Session, ask: Ask, use: str = "") -> Sent:
    """The HTTP request of an ask, complete but for the target's own credentials."""
    changes = {**dict(ask.changes), "use": use}
    sent = session.compose(ask.request, **changes)
    if ask.rewrite:
        sent = session.compose(ask.request, **{**changes, "body": ask.rewrite(sent.body)})
    return credentials.with_wrong(ask.credential, sent, session.target) if ask.credential else sent


def missing_evidence(case: Case, asks: Mapping[str, Ask], exchanges: Exchanges) -> str:
    """Why the answers cannot be compared; empty when every answer that the relation needs is there, once."""
    if case.compare is nothing_to_compare:
        return ""
    taken = [one.answer for name, one in exchanges.items() if asks[name].step == "submit" and not asks[name].is_free]
    if refused := [one for one in taken if not one.data.get("task_id")]:
        return f"no task was taken: HTTP {refused[0].status}, code {refused[0].code}"
    without = [name for name, one in exchanges.items() if asks[name].expect == SUCCESS and one.picture is None]
    if without:
        return f"no picture to compare: {', '.join(without)}"
    if len({id(one) for one in exchanges.values()}) < len({ask.key for ask in asks.values()}):
        return "one answer stands for two requests"
    return ""


def compared(case: Case, exchanges: Exchanges, capabilities: frozenset[str]) -> tuple[list[Finding], str]:
    """What the relation finds, or why it could not be evaluated. A broken picture is reported by its own check."""
    try:
        texts = list(case.compare(exchanges, "exact_pixels" in capabilities))
    except NoEvidence as error:
        return [], str(error)
    except Exception as error:
        return [], f"{COMPARISON_FAILED}: {type(error).__name__}: {error}"
    finding = Finding(case.id, "", case.source, case.sentence, case.id, is_probable=case.is_probable)
    return [_graded(finding, case, found, capabilities) for found in texts], ""


def _graded(finding: Finding, case: Case, found: str | Graded, capabilities: frozenset[str]) -> Finding:
    text, grade = (found.text, found.grade) if isinstance(found, Graded) else (found, case.grade)
    return replace(finding, text=text, grade=grade, severity=grades.severity(case.id, grade, capabilities))


def expect_row(rule: str, *, name_rule: bool = True, grade: str = "stated") -> Expect:
    """A refusal by the row that answers a rule. `grade` is that of the rule itself."""
    row = contract.row_for_rule(rule)
    return Expect(success=False, row=row.id, rule=rule if name_rule else "", grade=row.grade, rule_grade=grade)
