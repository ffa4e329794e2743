"""Measures the open points at a target: sends their probes, and says which alternative the answers fit."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volcv_mock.recording.exchanges import Recorder
from volcv_mock.recording.ledger import BudgetSpent, Ledger
from volcv_mock.recording.readings_file import Measured, ReadingsFile

from ..billing.limits import Pace, Unwelcome, Welcome
from ..clock import today_utc
from ..model import Exchange, Sent
from ..pictures import described
from ..runner.session import Session
from ..targets import NotRecorded, Target, Unreachable
from ..targets.official import Signature
from . import observe
from .points import Point, points, without_probe
from .requests import sent_of
from .signatures import Altered

BILLED = (50511, 50512)
"""Codes of a refusal after inference."""


class Untold(Exception):
    """A point could not be measured; the text says why."""


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

    def __post_init__(self) -> None:
        self._recorder = Recorder(self.folder, described) if self.folder else None
        self._session = Session(self.target, before_send=self._before)

    def run(self, wanted: Iterable[str] = ()) -> ReadingsFile:
        """The readings of all points, or of those named. What could not be told is listed with its reason."""
        entries: dict[str, Measured] = {}
        untold: dict[str, str] = {}
        for name in wanted or points():
            try:
                entries[name] = self.measured(points()[name])
            except Untold as error:
                untold[name] = str(error)
        missing = {} if wanted else without_probe()
        return ReadingsFile(entries, {**untold, **missing}, self.target.name)

    def measured(self, point: Point) -> Measured:
        """The alternative that the answers fit. Raises Untold."""
        own = "official" if self.target.can("signs") else "proxy"
        if point.endpoint not in ("", own) and not self.is_recorded:
            raise Untold(f"its probe is for the {point.endpoint} endpoint")
        evidence: list[str] = []
        sent: dict[str, Exchange] = {}

        def ask(name: str) -> Exchange:
            if name not in sent:
                sent[name] = self._asked(point, name, evidence)
            return sent[name]

        alternative, details = _told(point, ask)
        contradicts = point.contradicts.get(alternative, ())
        return Measured(alternative, self.today(), "1 of 1", tuple(evidence), _shown(sent), contradicts, details)

    def _asked(self, point: Point, name: str, evidence: list[str]) -> Exchange:
        asked = point.probe[name]
        use = f"calibrate/{point.id}/{name}"
        sent = sent_of(asked, use, self.target.aliases)
        self._session.case_id = f"calibrate-{point.id}-{name}"
        try:
            with self._signed(asked):
                exchange = self._session.post(sent)
        except BudgetSpent:
            raise Untold("the budget is spent") from None
        except NotRecorded:
            raise Untold("its probe was not recorded") from None
        except Unwelcome as error:
            raise Untold(str(error)) from None
        except Unreachable as error:
            raise Untold(f"no answer: {error}") from None
        self._book(exchange, is_about_keys="key" in asked or "signature" in asked)
        if self._recorder:
            evidence.append(self._recorder.save(exchange, (use,)))
        return exchange

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
        if self.pace:
            self.pace.wait()
        if self.ledger:
            self.ledger.take(self._session.case_id, _digest(sent))

    def _book(self, exchange: Exchange, *, is_about_keys: bool) -> None:
        """Give a refused call back; count refusals that were not asked for."""
        answer = exchange.answer
        if self.ledger and 400 <= answer.status < 500 and answer.code not in BILLED:
            self.ledger.give_back(exchange.case_id, _digest(exchange.sent), f"HTTP {answer.status}")
        if self.target.can("paid") and not is_about_keys:
            self.welcome.observe(exchange)


def _told(point: Point, ask: observe.Ask) -> tuple[str, Mapping[str, Any]]:
    """The alternative and the details of the answer. Raises Untold."""
    if point.rule:
        return _answer_of(point, ask("request"))
    first = next(iter(point.probe))
    for name, pattern in point.answers.items():
        if observe.holds(pattern, ask, first):
            return name, {}
    raise Untold(f"the answers fit no alternative: {_shown({first: ask(first)})}")


def _answer_of(point: Point, exchange: Exchange) -> tuple[str, Mapping[str, Any]]:
    if exchange.answer.is_success and point.served != "10000":
        raise Untold("the request was accepted")
    found = observe.answered_row(exchange, point.served)
    if found is None:
        raise Untold(f"an answer in none of the three envelopes: HTTP {exchange.answer.status}")
    row, details = found
    return point.named.get(row, row), details


def _shown(sent: Mapping[str, Exchange]) -> str:
    parts = (f"{name}: HTTP {one.answer.status} {one.answer.code or ''}".rstrip() for name, one in sent.items())
    return "; ".join(parts)


def _digest(sent: Sent) -> str:
    return hashlib.sha256(sent.body).hexdigest()[:16]


def changed(before: ReadingsFile, now: ReadingsFile) -> list[str]:
    """A line for each point whose alternative or answer changed, with both values and both recordings."""
    lines = []
    for name, new in now.entries.items():
        old = before.entries.get(name)
        if old and (old.alternative, dict(old.details)) != (new.alternative, dict(new.details)):
            lines.append(f"{name}: {_one(old)} became {_one(new)}")
    return lines


def _one(entry: Measured) -> str:
    details = "".join(f", {name} {value!r}" for name, value in entry.details.items())
    when = f" on {entry.measured.isoformat()}" if entry.measured else ""
    return f"{entry.alternative}{details}{when} ({', '.join(entry.evidence) or 'no recording'})"


def contradictions(found: ReadingsFile) -> list[str]:
    """A line for each reading that contradicts what a document states: drift."""
    return [f"{name}: {entry.alternative} contradicts {', '.join(entry.contradicts)}"
            for name, entry in found.entries.items() if entry.contradicts]  # fmt: skip
