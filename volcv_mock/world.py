"""World: everything a reply depends on besides the request. Time and random draws come from here.

A World holds settings, keys, caches, pictures and the scopes. A Scope holds what parallel tests must not share:
clock, rules, quotas, latency and counters.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from volcv_mock import __version__, contract
from volcv_mock._util.changes import Changes
from volcv_mock._util.gil_gate import GilGate
from volcv_mock._util.memo import Memo
from volcv_mock.config import Settings, is_loopback
from volcv_mock.delivery import Delivered, Incoming, Outgoing, Reply, Writing
from volcv_mock.fetch import Fetcher
from volcv_mock.journal.backlog import Backlog
from volcv_mock.journal.full_pictures import FullPictures
from volcv_mock.journal.log import CallLog
from volcv_mock.model import (
    EVERY_SCOPE,
    Arrived,
    Endpoint,
    Expected,
    Fetched,
    Headers,
    Painted,
    RawRequest,
    Validated,
    Visit,
)
from volcv_mock.scope import DEFAULT_SCOPE, Scope, scope_in, scope_of
from volcv_mock.simulation import draws
from volcv_mock.simulation.clock import Clock
from volcv_mock.simulation.quotas import Ticket
from volcv_mock.state import Write
from volcv_mock.state.arrivals import Arrivals
from volcv_mock.tasks import Callbacks, Waiting
from volcv_mock.telemetry import spans
from volcv_mock.telemetry.condition import SEVERAL_PROCESSES, Condition
from volcv_mock.telemetry.gathered import Gauges, gathered
from volcv_mock.telemetry.metrics import Metrics
from volcv_mock.upstream.of_settings import recordings_of, secrets_of
from volcv_mock.world_parts import callback_entry, keys_of, own_ledger, state_of

if TYPE_CHECKING:
    from volcv_mock.journal import Entry
    from volcv_mock.state.acts import JournalActs, State
    from volcv_mock.state.acts_of_scope import QuotaUse
    from volcv_mock.telemetry.traceparent import TraceParent
    from volcv_mock.upstream.client import BlockingUpstream


class World:
    """One fake service. `settings` is replaced as a whole; everything else is thread-safe."""

    def __init__(self, settings: Settings | None = None, state: State | None = None) -> None:
        self.settings = settings or Settings()
        self.contract = self.settings.served_contract
        self.keys = keys_of(self.settings)
        self.readings = self.settings.readings_table()
        self.gil_gate = GilGate()
        self.condition = Condition()
        self.metrics = Metrics(self._req_keys)
        self.log = CallLog(self.settings.log)
        self.changes = Changes()
        self.state: State = state or state_of(self)
        self.pictures, self.tasks = self.state.pictures, self.state.tasks
        self.backlog = Backlog(self.gil_gate.released, self.monotonic)
        self.full_pictures = FullPictures(self.settings.keep_bodies)
        bodies_bytes = self.settings.memo_bytes // 4  # a request body is smaller than the JPEG and base64 of its result
        replayed_bytes = bodies_bytes // 2 if self.settings.recordings else 0
        self.validated: Memo[Validated] = Memo(bodies_bytes - replayed_bytes)
        self.replayed: Memo[Any] = Memo(replayed_bytes)
        """In the mode `replay`: requests without their pictures (session.py), and read answers (stages/replay.py)."""
        self.painted: Memo[Painted] = Memo(self.settings.memo_bytes - bodies_bytes)
        self.fetcher = Fetcher(self.settings.image_urls, self.settings.image_hosts, own=self._own_picture)
        self.callbacks = Callbacks(self._post, self._callback_ended, self.tasks.claims)
        self.tasks.on_end = self.callbacks.wake
        self.spans = spans.of_application()
        self.own_hosts: tuple[str, ...] = (f"{self.settings.host}:{self.settings.port}",)
        self._upstream: BlockingUpstream | None = None
        self.library, self.recorder = recordings_of(self.settings)
        self.secrets = secrets_of(self.settings)
        self.ledger = own_ledger(self)
        self.differences = self.state.differences
        self._scopes: OrderedDict[str, Scope] = OrderedDict()
        self._newest: Scope | None = None
        self._tickets: dict[int, tuple[QuotaUse, Ticket]] = {}
        self._arrivals = itertools.count(1)
        self._expected = Arrivals(self._count, self.gil_gate.released)
        self._lock = threading.Lock()
        self.workers = ""
        """What the workers of one `serve --workers` have in common, to add up their metrics."""
        self.when_adopted: Callable[[], None] = lambda: None
        """Called when the tasks of a process that has died were taken over."""
        if self.state.is_shared:
            with contract.using(self.contract):
                self.scope().take_file()

    @property
    def journal(self) -> JournalActs:
        """The journal for who reads it, with every call that is answered."""
        self.backlog.write_all()
        return self.state.journal

    def wall_s(self) -> float:
        """Real time plus the configured skew: used for checking signatures only."""
        return time.time() + self.settings.clock_skew_s

    def real_s(self) -> float:
        """Real time, for the signatures that the mock makes itself."""
        return time.time()

    @staticmethod
    def monotonic() -> float:
        """Real time, for durations."""
        return time.monotonic()

    def arrived(self, headers: Headers) -> Arrived:
        """The present moment. A transport calls this when it has read the head of a request."""
        scope = scope_in(headers)
        return Arrived(self.monotonic(), self.clock(scope).now_s(), scope)

    def scope(self, name: str = DEFAULT_SCOPE) -> Scope:
        """The scope of that name, created on first use. Above `max_scopes` the scope idle the longest is removed."""
        newest = self._newest
        if newest and newest.name == name:  # in its place already: asked for several times by each request
            return newest
        with self._lock:
            with contract.using(self.contract):
                scope = self._scopes.pop(name, None) or Scope(name, self.settings, self.state.scope(name))
            self._scopes[name] = self._newest = scope
            while len(self._scopes) > self.settings.max_scopes:
                self._remove_idle()
            return scope

    def clock(self, name: str = DEFAULT_SCOPE) -> Clock:
        """The clock of a scope."""
        return self.scope(name).clock

    def scopes(self) -> tuple[str, ...]:
        """The names of the scopes that exist."""
        with self._lock:
            own = tuple(self._scopes)
        return tuple(dict.fromkeys((*own, *self.state.scope_names())))

    def reset(self, name: str = DEFAULT_SCOPE) -> None:
        """Reset a scope's rules, journal, clock, quotas and counters; EVERY_SCOPE resets all scopes."""
        for each in self.scopes() if name == EVERY_SCOPE else (name,):
            self.scope(each).reset()
            self.journal.clear(each)
            self.journal.callbacks.clear(each)
            self.journal.statements.clear(each)
            self.pictures.clear(each)
            self.full_pictures.clear(each)
            self.callbacks.clear(each)
            self.tasks.clear(each)
        self.changes.touch()

    def configure(self, settings: Settings) -> None:
        """Apply the settings of a reloaded file: faults, latency, quotas and keys."""
        self.settings = settings
        self.keys = keys_of(settings)
        self.readings = settings.readings_table()
        with contract.using(self.contract):
            for name in self.scopes():
                self.scope(name).configure(settings)
        self.changes.touch()

    def expect(self, scope: str, endpoint: Endpoint, method: str, body: bytes) -> Expected | None:
        """What a transport gives a call that it has received, so that it is counted with others where that saves round
        trips. The transport decides it afterwards in any case."""
        may_gain = self.state.is_shared and method == "POST"
        return self._expected.expect(scope, endpoint, method, body) if may_gain else None

    def _count(self, waiting: Sequence[Expected]) -> None:
        for each in waiting:
            each.digest = draws.digest(*each.request).hex()
        arrivals = Scope.arrive_all(self.state, [(self.scope(each.scope), each.digest) for each in waiting])
        for each, arrival in zip(waiting, arrivals, strict=True):
            each.number, each.occurrence = arrival.number, arrival.occurrence

    def visit(self, raw: RawRequest, *, counts: bool = True) -> tuple[Visit, draws.CallDraws]:
        """Identify a request on arrival and count it, and its random draws; with counts=False it is not counted."""
        name, expected = scope_of(raw), raw.expected
        scope = self.scope(name)
        if counts and expected and self._expected.take(expected):
            digest, number, occurrence = expected.digest, expected.number, expected.occurrence
        else:
            digest = draws.digest(raw.endpoint, raw.method, raw.body).hex()
            arrival = scope.arrive(digest) if counts else None
            number, occurrence = (arrival.number, arrival.occurrence) if arrival else (0, scope.occurrence(digest))
        drawn = draws.CallDraws(self.settings.seed, name, digest, occurrence)
        arrived_at_s = self._arrived_at_s(raw, scope)
        call_id = drawn.hexadecimal(24, "call")
        return Visit(call_id, name, number, digest, occurrence, arrived_at_s, next(self._arrivals)), drawn

    def _arrived_at_s(self, raw: RawRequest, scope: Scope) -> float:
        """When the head was read, by the scope's clock. Another process may have moved a common clock before, of which
        this one has heard by now."""
        if raw.arrived is None:
            return scope.clock.now_s()
        return scope.clock.at(raw.arrived.monotonic_s) if self.state.is_shared else raw.arrived.clock_s

    def glimpse(self, raw: RawRequest) -> Visit:
        """A request that is looked at before its arrival counts. Asks nothing of the state."""
        digest = draws.digest(raw.endpoint, raw.method, raw.body).hex()
        return Visit("", scope_of(raw), 0, digest, 0, raw.arrived.clock_s if raw.arrived else 0.0)

    def fetch(self, urls: Sequence[str], trace: TraceParent | None = None) -> dict[str, Fetched]:
        """Fetch picture URLs, as a part of the client's trace; called by transports, outside the pixel workers."""
        return self.fetcher.fetch(urls, trace.text if trace else "")

    def send(self, request: Outgoing) -> Incoming:
        """Send a request to the upstream, in this thread; the socket server has its own way (server/forwarding.py)."""
        with self._lock:
            if self._upstream is None:
                from volcv_mock.upstream.client import BlockingUpstream  # lazy: only with an upstream

                self._upstream = BlockingUpstream(self.settings)
        return self._upstream.send(request)

    def fetch_links(self, urls: Sequence[str]) -> dict[str, Fetched]:
        """Fetch the pictures that an answer of the upstream links to, to record them."""
        from volcv_mock.upstream.record import link_fetcher  # lazy: only when recording

        return link_fetcher(self.settings).fetch(urls)

    def hold(self, arrival: int, quotas: QuotaUse, ticket: Ticket) -> None:
        """Hold a quota slot until the reply is delivered."""
        with self._lock:
            self._tickets[arrival] = (quotas, ticket)

    def give_back(self, arrival: int) -> None:
        """Release the quota slot of a call, if it holds one."""
        with self._lock:
            quotas, ticket = self._tickets.pop(arrival, (None, None))
        if quotas and ticket:
            quotas.release(ticket)

    def opened(
        self, entry: Entry, arrival: int, prepared: Sequence[Hashable] = (), along: Sequence[Write] = (), *,
        may_wait: bool = False,
    ) -> Writing | None:  # fmt: skip
        """Write the journal entry of a call that is answered, and what goes along with it; `delivered` closes it. The
        entry then holds the thumbnails that were `prepared` for it. With `may_wait` the answer waits for what this
        returns, if anything."""
        self.full_pictures.keep(entry.id, entry.scope, entry.sources)
        writing = self.state.journal.open(entry, arrival, along, may_wait=may_wait)
        self.state.journal.release(prepared)
        self.changes.touch()
        return writing

    def unwritten(self, arrival: int) -> None:
        """The journal entry of a call could not be written, and its answer does not leave."""
        self.give_back(arrival)
        self.state.journal.drop(arrival)

    def delivered(self, reply: Reply, facts: Delivered) -> None:
        """Called when delivery has ended: release the quota slot, close the journal entry, write the log line."""
        if not reply.arrival:
            return
        self.give_back(reply.arrival)
        self.backlog.ended(partial(self._ended, reply.arrival, facts))

    def _ended(self, arrival: int, facts: Delivered) -> None:
        entry = self.state.journal.close(arrival, facts)
        if entry:
            self.metrics.delivered(entry)
            self.log.write(entry)
            self.changes.touch()
        if self.spans:
            self.spans.end(arrival, entry, facts)

    @property
    def has_spans(self) -> bool:
        """Whether calls have spans that somebody gets."""
        return self.spans is not None and self.spans.is_used()

    def own_metrics(self) -> tuple[Metrics, Gauges]:
        """What this process has counted."""
        bodies, painted = self.validated, self.painted
        memos = {"validated": (bodies.hits, bodies.misses), "painted": (painted.hits, painted.misses)}
        return self.metrics, Gauges(__version__, self.journal.waiting, self.journal.evicted, self.journal.lost, memos)

    def all_metrics(self) -> tuple[Metrics, Gauges]:
        """What all workers of one `serve --workers` have counted; else the same as `own_metrics`."""
        if not self.workers:
            return self.own_metrics()
        from volcv_mock.shared_state import snapshots  # lazy: only with a common state

        return gathered(self.own_metrics(), snapshots(self))

    def warn_of_processes(self) -> None:
        """Report that several processes serve this address, unless they share their state."""
        if not self.state.is_shared:
            self.warn(SEVERAL_PROCESSES)

    def close(self) -> None:
        """End the connections and threads of a common state."""
        self.state.close()

    def warn(self, warning: str) -> None:
        """Report once, in the log and in the health, that the mock is run in a way that cannot work."""
        if self.condition.add(warning):
            self.log.write_message(f"volcv-mock: WARNING: {warning}")

    def _req_keys(self) -> tuple[str, ...]:
        with contract.using(self.contract):
            return tuple(contract.operations())

    def _own_picture(self, url: str) -> bytes | None:
        return self.pictures.resolve(url, self.own_hosts, self.now_s)

    def _post(self, url: str, body: bytes) -> int | str:
        """Post a callback; never to this mock, and to this machine only if the mock is bound to it."""
        own_ports = {host.rpartition(":")[2] for host in self.own_hosts}
        return self.fetcher.post(url, body, own_ports, may_be_loopback=is_loopback(self.settings.host))

    def _callback_ended(self, ended: Waiting, body: bytes) -> None:
        """Write the journal entry and the log line of a callback. The entry is last: who sees it finds the others, too,
        though a common state is slow."""
        task, entry = ended.task, callback_entry(ended, body)
        if self.log.mode != "off":
            self.log.write_message(entry.line())
        self.tasks.keep_called(task)
        self.state.journal.callbacks.add(entry)
        self.changes.touch()

    def now_s(self, scope: str) -> float:
        """The time of a scope's clock, which other processes may have moved."""
        return self.scope(scope).refreshed().clock.now_s()

    def _remove_idle(self) -> None:
        """Prefers a scope on whose clock no reply is waiting: nothing could release that reply without its clock."""
        named = [name for name in self._scopes if name != DEFAULT_SCOPE]
        older = named[:-1] or named
        idle = next((name for name in older if not self._scopes[name].clock.is_awaited), older[0])
        del self._scopes[idle]
        if self._newest and self._newest.name == idle:
            self._newest = None
