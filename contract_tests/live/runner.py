"""Runs planned cases against one target, one after another, within a budget.

Used by `volcv-mock contract`, by pytest for each case id, by the nightly workflow, and by the mutants.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..cases import Case, run_case
from ..model import Exchange, Finding, Sent
from ..session import Session, Witness
from ..targets import Target, Unreachable
from .ledger import BudgetSpent, Ledger
from .limits import BURST, Pace, Unwelcome, Welcome
from .verdicts import OF, Result, is_doubtful, is_settled, judge, most

ENDINGS = ("budget", "unwelcome")
"""Reasons after which nothing more is sent."""
ONCE = "contradicted once, and the budget had no room to ask again"


@dataclass
class Runner:
    """One target, one session, answers shared between the cases of a run."""

    target: Target
    publish: Callable[[bytes], str] | None = None
    ledger: Ledger | None = None
    pace: Pace | None = None
    variant: int = 0
    observers: tuple[Witness, ...] = ()
    shared: dict[str, Exchange] = field(default_factory=dict)
    welcome: Welcome = field(default_factory=Welcome)

    def __post_init__(self) -> None:
        self._seen: list[Exchange] = []
        self._taken_on: dt.date | None = None
        self.session = Session(self.target, self.publish, self._before_send, (self._after, *self.observers))

    def run(self, cases: Iterable[Case]) -> list[Result]:
        """The results, in order. What a spent budget or a closed door left out is inconclusive."""
        results: list[Result] = []
        for case in cases:
            if ending := self._ending(results):
                results.append(Result(case.id, "inconclusive", reason=ending, obligations=case.obligations()))
            else:
                results.append(self.run_one(case))
        return results

    def _ending(self, results: list[Result]) -> str:
        """Why nothing more should be sent, or nothing. A recording that lacks a request may hold the next one."""
        if results and results[-1].reason in ENDINGS:
            return results[-1].reason
        last = [one.reason for one in results[-BURST:]]
        return "unreachable" if last == ["unreachable"] * BURST and not self.target.can("replays") else ""

    def run_one(self, case: Case) -> Result:
        """One case; inconclusive once is tried again, a probable sentence up to three times."""
        started = time.perf_counter()
        tries = [self._attempt(case, self.shared)]
        while self._wants_another(case, tries):
            tries.append(self._attempt(case, {}))
        best = self._settle(case, tries)
        return Result(case.id, best.verdict, best.findings, best.reason, best.exchanges, case.obligations(self.variant),
                      time.perf_counter() - started)  # fmt: skip

    def _wants_another(self, case: Case, tries: list[Result]) -> bool:
        last = tries[-1]
        if last.reason in (*ENDINGS, "unreachable") or len(tries) >= OF:
            return False
        if case.is_probable and is_doubtful(tries[0]):
            return not is_settled([one.verdict for one in tries]) and self._has_room(case)
        return last.verdict == "inconclusive" and len(tries) == 1 and self._has_room(case)

    def _has_room(self, case: Case) -> bool:
        return self.ledger is None or self.ledger.spent() + case.cost(self.variant) <= self.ledger.limit

    @staticmethod
    def _settle(case: Case, tries: list[Result]) -> Result:
        if not (case.is_probable and is_doubtful(tries[0])):
            return tries[-1]
        if len(tries) == 1:
            return replace(tries[0], verdict="inconclusive", reason=ONCE)
        verdict = most([one.verdict for one in tries])
        return next((one for one in reversed(tries) if one.verdict == verdict), tries[-1])

    def _attempt(self, case: Case, shared: dict[str, Exchange]) -> Result:
        self._seen = []
        try:
            findings = run_case(case, self.session, self.variant, shared)
        except BudgetSpent as error:
            return self._unfinished(case, "budget", str(error))
        except Unwelcome as error:
            return self._unfinished(case, "unwelcome", str(error))
        except Unreachable as error:
            return self._unfinished(case, "unreachable", str(error))
        exchanges = self._all_exchanges(case, shared)
        verdict, reason = judge(findings, [exchange for _, exchange in exchanges])
        return Result(case.id, verdict, tuple(findings), reason, exchanges)

    def _unfinished(self, case: Case, reason: str, text: str) -> Result:
        note = Finding(reason, text, case.source, "nothing was judged", case.id, severity="info")
        return Result(case.id, "inconclusive", (note,), reason, tuple(("request", one) for one in self._seen))

    def _all_exchanges(self, case: Case, shared: dict[str, Exchange]) -> tuple[tuple[str, Exchange], ...]:
        return tuple((name, shared[ask.key]) for name, ask in case.asks(self.variant).items())

    def _before_send(self, sent: Sent) -> None:
        self.welcome.assert_open()
        if self.pace:
            self.pace.wait()
        if self.ledger:
            self._taken_on = self.ledger.take(self.session.case_id, digest_of(sent))

    def _after(self, exchange: Exchange, findings: tuple[Finding, ...]) -> None:
        self._seen.append(exchange)
        if self.ledger:
            self._book(self.ledger, exchange)
        if self.target.can("paid"):
            self.welcome.look(exchange)

    def _book(self, ledger: Ledger, exchange: Exchange) -> None:
        """Give the call back when its refusal was seen; a risk code or a 5xx may have cost money."""
        answer, digest = exchange.answer, digest_of(exchange.sent)
        seen = f"HTTP {answer.status} code {answer.code}"
        was_refused_early = 400 <= answer.status < 500 and answer.code not in (50511, 50512)
        if was_refused_early:
            ledger.give_back(exchange.case_id, digest, seen, self._taken_on)
        else:
            ledger.note(exchange.case_id, digest, seen)


def digest_of(sent: Sent) -> str:
    return hashlib.sha256(sent.body).hexdigest()[:16]
