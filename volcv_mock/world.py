"""The world: everything a reply may depend on besides the request. Time and chance come through here.

A World holds settings, keys, memos, pictures and the scopes; a Scope holds what parallel tests must
not share: clock, rules, journal entries, quotas, latency and counters.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock._util.gil_gate import GilGate
from volcv_mock._util.memo import Memo
from volcv_mock.config import Settings
from volcv_mock.fetch import Fetcher
from volcv_mock.injection.rules import RuleBook
from volcv_mock.journal import Journal
from volcv_mock.journal.log import CallLog
from volcv_mock.journal.store import PictureStore
from volcv_mock.model import Delivered, Fetched, Painted, RawRequest, Reply, Validated, Visit
from volcv_mock.signing.keys import Keys
from volcv_mock.simulation import draws
from volcv_mock.simulation.clock import Clock
from volcv_mock.simulation.latency import LatencyModel
from volcv_mock.simulation.quotas import Quotas, QuotaSettings, Ticket

DEFAULT_SCOPE = "default"
EVERY_SCOPE = "*"
SCOPE_HEADER = "x-volcv-mock-scope"
SCOPE_KEY = re.compile(r"bearer\s+sk-scope-([A-Za-z0-9_.-]{1,64})\s*$", re.IGNORECASE)
SCOPE_NAME = re.compile(r"[A-Za-z0-9_.\[\]:/-]{1,128}")


class Occurrences:
    """How often each request came, for all scopes together: however many there are, the longest unseen requests are
    forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._eras = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def era(self) -> bytes:
        """A name for a scope until its next reset: what was counted under another one is out of its sight."""
        return next(self._eras).to_bytes(8, "big")

    def add(self, era: bytes, digest: str, most: int) -> int:
        """One more; says how many came before."""
        name = era + bytes.fromhex(digest)[:16]
        with self._lock:
            before = self._counts.pop(name, 0)
            self._counts[name] = before + 1
            while len(self._counts) > most:
                self._counts.popitem(last=False)
            return before

    def before(self, era: bytes, digest: str) -> int:
        return self._counts.get(era + bytes.fromhex(digest)[:16], 0)


class Scope:
    """One test's share of the mock."""

    def __init__(self, name: str, settings: Settings, clock: Clock, occurrences: Occurrences) -> None:
        self.name = name
        self.clock = clock
        self.rules = RuleBook(settings.seed, name)
        self.quotas = Quotas()
        self.latency = LatencyModel()
        self._occurrences = occurrences
        self._era = occurrences.era()
        self._calls = 0
        self._lock = threading.Lock()
        self._file_rules: list[str] = []
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Take settings as given at the start or by a reloaded file; clock, counters and other rules stay."""
        self._settings = settings
        self.latency = LatencyModel.parse(settings.latency)
        self.quotas.change(_quota_settings(settings))
        for rule_id in self._file_rules:
            self.rules.remove(rule_id)
        specs = settings.faults if self.name == DEFAULT_SCOPE else ()
        self._file_rules = [self.rules.add(spec)["id"] for spec in specs]

    def reset(self) -> None:
        """Back to the settings: rules of the file, its latency, an unmoved clock, counters at zero."""
        with self._lock:
            self._era = self._occurrences.era()
            self._calls = 0
        self.clock.reset()
        self.quotas.reset()
        self.rules.clear()
        self._file_rules = []
        self.configure(self._settings)

    def count(self, digest: str) -> tuple[int, int]:
        """(number of the call in this scope, how often this very request came before), from 1 and 0."""
        with self._lock:
            self._calls += 1
            return self._calls, self._occurrences.add(self._era, digest, self._settings.remembered_requests)

    def occurrence(self, digest: str) -> int:
        return self._occurrences.before(self._era, digest)


class World:
    """One fake service. `settings` may be replaced as a whole; everything else is thread-safe."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.keys = _keys(self.settings)
        self.gil_gate = GilGate()
        self.journal = Journal(self.settings.journal_bytes, self.gil_gate.pixels)
        self.pictures = PictureStore(self.settings.pictures_bytes, self.settings.seed)
        bodies_bytes = self.settings.memo_bytes // 4  # an upload is smaller than the JPEG and base64 it comes to
        self.validated: Memo[Validated] = Memo(bodies_bytes)
        self.painted: Memo[Painted] = Memo(self.settings.memo_bytes - bodies_bytes)
        self.fetcher = Fetcher(self.settings.image_urls, self.settings.image_hosts, own=self._own_picture)
        self.log = CallLog(self.settings.log)
        self.own_hosts: tuple[str, ...] = (f"{self.settings.host}:{self.settings.port}",)
        self._occurrences = Occurrences()
        self._scopes: OrderedDict[str, Scope] = OrderedDict()
        self._tickets: dict[int, tuple[Quotas, Ticket]] = {}
        self._arrivals = itertools.count(1)
        self._lock = threading.Lock()

    def wall_s(self) -> float:
        """Real time plus the explicit skew: only signatures are judged by it."""
        return time.time() + self.settings.clock_skew_s

    @staticmethod
    def monotonic() -> float:
        """Real time for durations; RawRequest.arrived_s is a reading of it."""
        return time.monotonic()

    def scope(self, name: str = DEFAULT_SCOPE) -> Scope:
        """The scope of that name, made when first named. The longest idle one leaves when there are too many."""
        with self._lock:
            scope = self._scopes.pop(name, None) or Scope(name, self.settings, Clock(), self._occurrences)
            self._scopes[name] = scope
            while len(self._scopes) > self.settings.max_scopes:
                self._forget_idle()
            return scope

    def clock(self, name: str = DEFAULT_SCOPE) -> Clock:
        return self.scope(name).clock

    def scopes(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._scopes)

    def reset(self, name: str = DEFAULT_SCOPE) -> None:
        """A scope as new: its rules, journal, clock, quotas and counters; EVERY_SCOPE means all."""
        for each in self.scopes() if name == EVERY_SCOPE else (name,):
            self.scope(each).reset()
            self.journal.clear(each)
            self.pictures.clear(each)

    def configure(self, settings: Settings) -> None:
        """Take the settings of a reloaded file: faults, latency, quotas and keys count from now on."""
        self.settings = settings
        self.keys = _keys(settings)
        for name in self.scopes():
            self.scope(name).configure(settings)

    def visit(self, raw: RawRequest, *, counts: bool = True) -> Visit:
        """What a request is to this world on arrival. With counts=False nothing is counted (a glimpse)."""
        name = scope_of(raw)
        scope = self.scope(name)
        digest = draws.digest(raw.endpoint, raw.method, raw.body).hex()
        number, occurrence = scope.count(digest) if counts else (0, scope.occurrence(digest))
        call_id = draws.hexadecimal(24, self.settings.seed, name, "call", digest, occurrence)
        spent_s = max(0.0, self.monotonic() - raw.arrived_s) if raw.arrived_s else 0.0
        return Visit(call_id, name, number, digest, occurrence, scope.clock.ago_s(spent_s), next(self._arrivals))

    def fetch(self, urls: Sequence[str]) -> dict[str, Fetched]:
        """Fetch picture URLs; called by doors, outside the pixel work."""
        return self.fetcher.fetch(urls)

    def hold(self, arrival: int, quotas: Quotas, ticket: Ticket) -> None:
        """Keep a quota slot until the reply is delivered."""
        with self._lock:
            self._tickets[arrival] = (quotas, ticket)

    def give_back(self, arrival: int) -> None:
        """Free the quota slot of a call, if it holds one."""
        with self._lock:
            quotas, ticket = self._tickets.pop(arrival, (None, None))
        if quotas and ticket:
            quotas.release(ticket)

    def deadline(self, reply: Reply) -> float:
        """When a reply's first byte is due, on its scope's clock."""
        return reply.due_at_s

    def delivered(self, reply: Reply, facts: Delivered) -> None:
        """A reply is over: give back its slot, close its journal entry, write its log line."""
        self.give_back(reply.arrival)
        entry = self.journal.close(reply.arrival, facts)
        if entry:
            self.log.write(entry)

    def _own_picture(self, url: str) -> bytes | None:
        return self.pictures.resolve(url, self.own_hosts, lambda scope: self.clock(scope).now_s())

    def _forget_idle(self) -> None:
        """One on whose clock an answer waits is not idle: without its clock nothing could release the answer."""
        named = [name for name in self._scopes if name != DEFAULT_SCOPE]
        older = named[:-1] or named
        idle = next((name for name in older if not self._scopes[name].clock.is_awaited), older[0])
        del self._scopes[idle]


def scope_of(raw: RawRequest) -> str:
    """The scope of the header, else of a key shaped sk-scope-NAME, else the default one."""
    named = raw.header(SCOPE_HEADER)
    if named and SCOPE_NAME.fullmatch(named):
        return named
    key = SCOPE_KEY.match(raw.header("authorization") or "")
    return key[1] if key else DEFAULT_SCOPE


def _quota_settings(settings: Settings) -> QuotaSettings:
    return QuotaSettings(settings.requests_per_second, settings.in_flight, settings.retry_after_s)


def _keys(settings: Settings) -> Keys:
    answers = {rule: row for reading in settings.readings for rule, row in contract.readings()[reading].items()}
    api_keys, access_keys = frozenset(settings.api_keys), dict(settings.access_keys)
    return Keys(settings.auth_mode, api_keys, access_keys, settings.triggers, answers)
