"""Runs planned cases against one target, one after another, within a budget.

Used by `volcv-mock contract`, by pytest for each case id, by the nightly workflow, and by the mutants.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from volcv_mock.recording.ledger import BudgetMissing, BudgetSpent, Ledger

from ..billing.limits import BURST, Pace, Unwelcome, Welcome
from ..checks.base import gave_success
from ..clock import Now, now_utc
from ..model import Exchange, Finding, Sent
from ..planning.cases import Case, Evidence, Shared, run_case, use
from ..planning.parts import parts_of
from ..targets import BadConfiguration, NotRecorded, Target, Unreachable
from .session import Observer, Session
from .stopping import INTERRUPTED, TIME_LIMIT, Stop, Stopped
from .verdicts import OF, Result, classify, held_findings, is_doubtful, is_settled, most, was_wanted

ENDINGS = ("budget", "unwelcome", "ledger", INTERRUPTED, TIME_LIMIT)
"""Reasons after which nothing more is sent."""
REFUSALS_PAID = 5
"""Requests that must be refused and were not refused for free, after which no more of them are sent."""
ONCE = "contradicted once, and the case could not be repeated"
NOT_RECORDED = "not recorded"


@dataclass
class Runner:
    """One target, one session, answers shared between the cases of a run."""

    target: Target
    publish: Callable[[bytes], str] | None = None
    ledger: Ledger | None = None
    pace: Pace | None = None
    variant: int = 0
    now: Now = now_utc
    observers: tuple[Observer, ...] = ()
    shared: Shared = field(default_factory=dict)
    welcome: Welcome = field(default_factory=Welcome)
    stop: Stop = field(default_factory=Stop)
    progress: Callable[[int, int, str], None] = lambda done, planned, case_id: None

    def __post_init__(self) -> None:
        self._seen: list[Exchange] = []
        self._taken_on: dt.date | None = None
        self._refusals_paid = 0
        self.session = Session(self.target, self.publish, self._before_send, self._not_sent, self.stop, self.now,
                               (self._after, *self.observers))  # fmt: skip

    def run(self, cases: Iterable[Case]) -> list[Result]:
        """The results, in order. Cases left out after a spent budget or refused credentials are inconclusive."""
        results: list[Result] = []
        planned = list(cases)
        for case in planned:
            if ending := self._ending(results) or self._costs_too_much(case):
                results.append(self._left_out(case, ending))
            else:
                results.append(self.run_one(case))
            self.progress(len(results), len(planned), case.id)
        return results

    def _left_out(self, case: Case, reason: str) -> Result:
        return self._about(case, Result(case.id, "inconclusive", reason=reason))

    def _about(self, case: Case, result: Result) -> Result:
        """The result with what its case was planned for."""
        return replace(
            result,
            obligations=case.obligations(self.variant),
            operations=case.operations(self.variant),
            parts=parts_of(case, self.variant),
        )

    def _ending(self, results: list[Result]) -> str:
        """Why nothing more should be sent, or nothing."""
        if self.stop.reason:
            return self.stop.reason
        if results and results[-1].reason in ENDINGS:
            return results[-1].reason
        last = [one.reason for one in results[-BURST:]]
        return "unreachable" if last == ["unreachable"] * BURST else ""

    def _costs_too_much(self, case: Case) -> str:
        """That refusals are free is a hypothesis. Where it fails, they would spend what successes need."""
        if self._refusals_paid < REFUSALS_PAID or case.cost(self.variant):
            return ""
        return f"refusals are not free here: {self._refusals_paid} requests that must be refused stay counted"

    def run_one(self, case: Case) -> Result:
        """One case. An inconclusive case is run twice; a probable sentence that was contradicted, up to three times."""
        started = time.perf_counter()
        runs = [self._attempt(case, self._shared_answers(), 1)]
        while self._wants_another(case, runs):
            runs.append(self._attempt(case, {}, len(runs) + 1))
        best = self._settle(case, runs)
        recorded = tuple(pair for run in runs for pair in run.recorded)
        return replace(
            self._about(case, best),
            successes=frozenset(one for _, exchange in best.exchanges for one in _success_of(exchange)),
            seconds=time.perf_counter() - started,
            recorded=recorded,
        )

    def _shared_answers(self) -> Shared:
        """A recording holds the evidence of each case; a live run may use one answer in several cases."""
        return self.shared if self.target.shares_answers else {}

    def _wants_another(self, case: Case, runs: Sequence[Result]) -> bool:
        last = runs[-1]
        if last.reason in (*ENDINGS, "unreachable", NOT_RECORDED) or len(runs) >= OF:
            return False
        if case.is_probable and is_doubtful(runs[0]):
            return not is_settled([one.verdict for one in runs]) and self._has_room(case)
        return last.verdict == "inconclusive" and len(runs) == 1 and self._has_room(case)

    def _has_room(self, case: Case) -> bool:
        return self.ledger is None or self.ledger.spent() + case.cost(self.variant) <= self.ledger.limit

    @staticmethod
    def _settle(case: Case, runs: Sequence[Result]) -> Result:
        known = [one for one in runs if one.reason != NOT_RECORDED] or runs
        if not (case.is_probable and is_doubtful(known[0])):
            return known[-1]
        if len(known) == 1:
            return replace(known[0], verdict="inconclusive", reason=ONCE)
        verdict = most([one.verdict for one in known])
        return next((one for one in reversed(known) if one.verdict == verdict), known[-1])

    def _attempt(self, case: Case, shared: Shared, run: int) -> Result:
        self._seen = []
        try:
            evidence = run_case(case, self.session, self.variant, shared, run)
        except BudgetSpent as error:
            return self._unfinished(case, "budget", str(error))
        except Unwelcome as error:
            return self._unfinished(case, "unwelcome", str(error))
        except Stopped:
            return self._unfinished(case, self.stop.reason, self.stop.text)
        except (BudgetMissing, OSError) as error:
            return self._unfinished(case, "ledger", f"the ledger cannot be read or written: {error}")
        except BadConfiguration:
            raise
        except NotRecorded as error:
            return self._unfinished(case, NOT_RECORDED, str(error))
        except Unreachable as error:
            return self._unfinished(case, "unreachable", str(error))
        return self._finished(case, evidence, run)

    @staticmethod
    def _finished(case: Case, evidence: Evidence, run: int) -> Result:
        exchanges, answers = tuple(evidence.exchanges.items()), list(evidence.exchanges.values())
        verdict, reason = classify(evidence.findings, answers)
        findings = held_findings(evidence.findings, answers) if verdict == "drift" else evidence.findings
        if verdict == "conform" and evidence.missing:
            verdict, reason = "inconclusive", evidence.missing
        recorded = tuple((one, (use(case.id, name, run),)) for name, one in exchanges)
        return Result(case.id, verdict, findings, reason, exchanges, recorded=recorded)

    def _unfinished(self, case: Case, reason: str, text: str) -> Result:
        note = Finding(reason, text, case.source, "nothing was decided", case.id, severity="info")
        seen = tuple(("request", one) for one in self._seen)
        recorded = tuple((one, (one.sent.use,)) for one in self._seen)
        return Result(case.id, "inconclusive", (note,), reason, seen, recorded=recorded)

    def _before_send(self, sent: Sent) -> None:
        self.welcome.assert_open()
        with self.stop.waiting():
            if self.pace:
                self.pace.wait()
        if self.ledger and sent.may_cost:
            self._taken_on = self.ledger.take(self.session.case_id, digest_of(sent))

    def _not_sent(self, sent: Sent) -> None:
        if self.ledger and sent.may_cost:
            self.ledger.give_back(self.session.case_id, digest_of(sent), "not sent", self._taken_on)

    def _after(self, exchange: Exchange, findings: tuple[Finding, ...]) -> None:
        self._seen.append(exchange)
        if self.ledger and exchange.sent.may_cost:
            self._book(self.ledger, exchange)
        if self.target.can("paid") or self.target.key_hint:
            self.welcome.observe(exchange)

    def _book(self, ledger: Ledger, exchange: Exchange) -> None:
        """Give the call back when its refusal was seen; a risk code or a 5xx may have cost money."""
        answer, digest = exchange.answer, digest_of(exchange.sent)
        seen = f"HTTP {answer.status} code {answer.code}"
        was_refused_early = 400 <= answer.status < 500 and answer.code not in (50511, 50512)
        if was_refused_early:
            ledger.give_back(exchange.case_id, digest, seen, self._taken_on)
        else:
            expect = exchange.expect
            self._refusals_paid += not (expect is None or expect.success or (expect.row and was_wanted(exchange)))
            ledger.note(exchange.case_id, digest, seen)


def _success_of(exchange: Exchange) -> Iterator[str]:
    """The req_key of a picture that was asked for and received at once."""
    if exchange.step != "sync":
        return
    if exchange.request and exchange.expect and exchange.expect.success and gave_success(exchange):
        yield exchange.request.req_key


def digest_of(sent: Sent) -> str:
    """A short digest of the body that was sent."""
    return hashlib.sha256(sent.body).hexdigest()[:16]
