"""Measures the open points at a target: sends their probes, and says which alternative the answers fit."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from volcv_mock.recording.exchanges import Recorder
from volcv_mock.recording.ledger import BudgetSpent, Ledger
from volcv_mock.recording.readings_file import Measured, ReadingsFile
from volcv_mock.recording.redact import SecretFound

from .. import contract
from ..billing.limits import BURST, Pace, Unwelcome, Welcome
from ..clock import today_utc
from ..model import Exchange, Sent
from ..pictures import described
from ..planning.cases import Ask, compose
from ..runner.session import Session
from ..runner.stopping import Stop, Stopped
from ..targets import BadConfiguration, NotRecorded, Target, Unreachable
from ..targets.official import Signature
from ..targets.replay import Replay
from . import observe
from .answers import Answers, Unfitting, Untold
from .compared import is_same
from .points import Point, points, without_probe
from .recorded import told_by_any
from .requests import sent_of
from .signatures import Altered

Seen = Measured | Unfitting


@dataclass
class Calibrator:
    """One run at one target. `folder` keeps the exchanges as evidence; without it there is none."""

    target: Target
    folder: Path | None = None
    ledger: Ledger | None = None
    pace: Pace | None = None
    today: Callable[[], dt.date] = today_utc
    is_recorded: bool = False
    welcome: Welcome = field(default_factory=Welcome)
    stop: Stop = field(default_factory=Stop)
    prefix: str = "calibrate"
    """The recordings are named after it: a night has one of its own, so that two nights keep two files."""
    times: int = 1
    """How often each point is measured; most of the answers decide."""

    def __post_init__(self) -> None:
        self._recorder = Recorder(self.folder, described) if self.folder else None
        self._session = Session(self.target, before_send=self._before, not_sent=self._not_sent, stop=self.stop)
        self._taken_on: dt.date | None = None
        self._unreached = 0
        self._exchanges: list[Exchange] = []
        self._runs: Counter[str] = Counter()
        self._answers = Answers()

    def run(self, wanted: Iterable[str] = ()) -> ReadingsFile:
        """The readings of all points, or of those named. What could not be told is listed with its reason."""
        entries: dict[str, Measured] = {}
        untold: dict[str, str] = {}
        for name in wanted or points():
            try:
                entries[name] = self.most_of(points()[name], self.times)
            except Untold as error:
                untold[name] = str(error)
        missing = dict({} if wanted else without_probe())
        if self.is_recorded and isinstance(self.target, Replay):
            for name, entry in told_by_any(self.target.exchanges(), self.today()).items():
                entries.setdefault(name, entry)
                untold.pop(name, None)
                missing.pop(name, None)
        try:
            self._answers.assert_something_told(self.target)
        except Untold as error:
            untold, entries = dict.fromkeys([*entries, *untold], str(error)), {}
        return ReadingsFile(entries, {**untold, **missing}, self.target.name)

    def most_of(self, point: Point, times: int, first: Seen | None = None) -> Measured:
        """What most of `times` answers show, with N of M as its confidence. Raises Untold."""
        seen = [first or self.measured_or_unfitting(point)]
        while len(seen) < times and not _is_settled(seen, times):
            try:
                seen.append(self.measured_or_unfitting(point))
            except Untold:
                break  # the budget is spent, or a recording holds no more answers
        best = max(seen, key=lambda one: sum(_agree(one, other) for other in seen))
        agreeing = [one for one in seen if _agree(best, one)]
        evidence = tuple(name for one in agreeing for name in one.evidence)
        if isinstance(best, Unfitting):
            raise Unfitting(str(best), evidence)
        return replace(best, confidence=f"{len(agreeing)} of {len(seen)}", evidence=evidence)

    def measured_or_unfitting(self, point: Point) -> Seen:
        """What one answer shows. Raises Untold when there was none."""
        try:
            return self.measured(point)
        except Unfitting as error:
            return error

    def taken_exchanges(self) -> list[Exchange]:
        """The exchanges since the last call."""
        taken, self._exchanges = self._exchanges, []
        return taken

    def measured(self, point: Point) -> Measured:
        """The alternative that the answers fit. Raises Untold."""
        own = "official" if self.target.can("signs") else "proxy"
        if point.endpoint not in ("", own) and not self.is_recorded:
            raise Untold(f"its probe is for the {point.endpoint} endpoint")
        evidence: list[str] = []
        sent: dict[str, Exchange] = {}
        self._runs[point.id] += 1

        def ask(name: str) -> Exchange:
            if name not in sent:
                sent[name] = self._asked(point, name, evidence)
            return sent[name]

        try:
            alternative, details = _alternative_of(point, ask)
        except Unfitting as error:
            raise Unfitting(str(error), evidence) from None
        contradicts = point.contradicts.get(alternative, ())
        return Measured(alternative, self.today(), "1 of 1", tuple(evidence), _shown(sent), contradicts, details)

    def _asked(self, point: Point, name: str, evidence: list[str]) -> Exchange:
        asked = point.probe[name]
        run = self._runs[point.id]
        use = f"calibrate/{point.id}/{name}" + (f"#{run}" if run > 1 else "")
        exchange = self.exchange(sent_of(asked, use, self.target.aliases), f"{point.id}-{name}", asked)
        if self._recorder:
            evidence.append(self._saved(self._recorder, exchange, use))
        return exchange

    def exchange(self, sent: Sent, name: str, asked: Mapping[str, Any] = MappingProxyType({})) -> Exchange:
        """Send one request within the budget. `asked` describes the credentials it is sent with. Raises Untold."""
        self._session.case_id = f"{self.prefix}-{name}"
        try:
            with self._signed(asked):
                exchange = self._session.post(sent)
        except BudgetSpent:
            raise Untold("the budget is spent") from None
        except NotRecorded:
            raise Untold("its probe was not recorded") from None
        except Stopped:
            raise Untold("the run was ended") from None
        except Unwelcome as error:
            raise Untold(self.target.with_key_hint(str(error))) from None
        except BadConfiguration:
            raise
        except Unreachable as error:
            self._unreached += 1
            raise Untold(f"no answer: {error}") from None
        self._unreached = 0
        self._book(exchange, is_about_keys="key" in asked or "signature" in asked)
        self._answers.note(exchange)
        self._exchanges.append(exchange)
        return exchange

    def compose(self, ask: Ask, use: str) -> Sent:
        """The HTTP request of a planned case's ask."""
        return compose(self._session, ask, use)

    @staticmethod
    def _saved(recorder: Recorder, exchange: Exchange, use: str) -> str:
        try:
            return recorder.save(exchange, (use,))
        except SecretFound:
            raise Untold("its answer holds a credential, and was not kept") from None

    @contextmanager
    def _signed(self, asked: Mapping[str, Any]) -> Iterator[None]:
        """The target's signature with the mistake that a probe asks for."""
        mistake, usual = asked.get("signature"), self.target.auth
        if mistake and isinstance(usual, Signature):
            self.target.auth = Altered(usual, mistake)
        try:
            yield
        finally:
            self.target.auth = usual

    def _before(self, sent: Sent) -> None:
        self.welcome.assert_open()
        if self._unreached >= BURST:
            raise Untold(f"{BURST} calls in a row got no answer; no further call was made")
        with self.stop.waiting():
            if self.pace:
                self.pace.wait()
        if self.ledger:
            self._taken_on = self.ledger.take(self._session.case_id, _digest(sent))

    def _not_sent(self, sent: Sent) -> None:
        if self.ledger:
            self.ledger.give_back(self._session.case_id, _digest(sent), "not sent", self._taken_on)

    def _book(self, exchange: Exchange, *, is_about_keys: bool) -> None:
        """Give a refused call back; count refusals that were not asked for."""
        answer = exchange.answer
        if self.ledger and 400 <= answer.status < 500 and not contract.is_billed(answer.code):
            self.ledger.give_back(exchange.case_id, _digest(exchange.sent), f"HTTP {answer.status}",
                                  self._taken_on)  # fmt: skip
        if self.target.can("paid") and not is_about_keys and not _is_about_the_request(exchange):
            self._observe(exchange)

    def _observe(self, exchange: Exchange) -> None:
        try:
            self.welcome.observe(exchange)
        except Unwelcome as error:
            raise Untold(self.target.with_key_hint(str(error))) from None


def _is_about_the_request(exchange: Exchange) -> bool:
    """A 401 with a code of the service is its answer to a req_key or a parameter, not to who asks."""
    answer = exchange.answer
    return answer.status in (401, 403) and isinstance(answer.members.get("code"), int)


def _alternative_of(point: Point, ask: observe.ExchangeOf) -> tuple[str, Mapping[str, Any]]:
    """The alternative and the details of the answer. Raises Untold."""
    if point.rule:
        return _answer_of(point, _refused(point, ask))
    first = next(iter(point.probe))
    for name, pattern in point.answers.items():
        if observe.holds(pattern, ask, first):
            return name, {}
    raise Unfitting(f"the answers fit no alternative: {_shown({first: ask(first)})}")


def _refused(point: Point, ask: observe.ExchangeOf) -> Exchange:
    """The first answer that is no success: another reading may accept what only one of the requests does."""
    exchanges = (ask(name) for name in point.probe)
    return next((one for one in exchanges if not one.answer.is_success), ask(next(iter(point.probe))))


def _answer_of(point: Point, exchange: Exchange) -> tuple[str, Mapping[str, Any]]:
    if exchange.answer.is_success and point.served != "10000":
        raise Unfitting("the request was accepted")
    found = observe.answered_row(exchange, point.served)
    if found is None:
        raise Unfitting(f"an answer in none of the three envelopes: HTTP {exchange.answer.status}")
    row, details = found
    return point.named.get(row, row), details


def _shown(sent: Mapping[str, Exchange]) -> str:
    parts = (f"{name}: HTTP {one.answer.status} {one.answer.code or ''}".rstrip() for name, one in sent.items())
    return "; ".join(parts)


def _digest(sent: Sent) -> str:
    return hashlib.sha256(sent.body).hexdigest()[:16]


def _agree(one: Seen, other: Seen) -> bool:
    if isinstance(one, Measured) and isinstance(other, Measured):
        return is_same(one, other)
    return type(one) is type(other)


def _is_settled(seen: Sequence[Seen], times: int) -> bool:
    """Whether no further answer could change what most of `times` say."""
    return max(sum(_agree(one, other) for other in seen) for one in seen) * 2 > times
