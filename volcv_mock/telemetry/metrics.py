"""What `GET /_mock/metrics` shows, counted as plain numbers: a call costs some microseconds, also where nobody reads.

No label is a scope, a key or a rule: their number has no bound, and a key is a secret.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volcv_mock.journal.entries import Entry

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper bounds of the histograms, in seconds: from a refusal's computation to the default `hang`."""

TRIPS_AT_ONCE = 256
"""Round trips that wait to be counted, at most."""

NONE, OTHER = "none", "other"
"""Labels: a request without a req_key, or no status line received; a req_key that no operation has."""


class Histogram:
    """Observations in seconds. `counts` has one number per bucket, and the last for what exceeds them."""

    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def copy(self) -> Histogram:
        """What was counted so far."""
        made = Histogram()
        made.counts, made.sum_s = list(self.counts), self.sum_s
        return made


Histograms = Mapping[str, Histogram]


class Metrics:
    """Counts of one mock, for all scopes. Thread-safe. `req_keys` gives those that become a label; it is asked once,
    by the first call: the catalog is not read at start-up for it."""

    def __init__(self, req_keys: Callable[[], Collection[str]]) -> None:
        self._known = req_keys
        self._lock = threading.Lock()
        self.deciding = 0
        """Calls that were received and are not decided yet."""
        self.calls: Counter[tuple[str, str, str]] = Counter()
        """By req_key, code row, and the status that the client received."""
        self.faults: Counter[tuple[str, str]] = Counter()
        """By name and origin."""
        self.compute_s: dict[str, Histogram] = defaultdict(Histogram)
        self.answer_s: dict[str, Histogram] = defaultdict(Histogram)
        self.planned_delay_s: dict[str, Histogram] = defaultdict(Histogram)
        self.state_s = Histogram()
        """Round trips to a common state that are counted; `histogram` and `copy` count the others first."""
        self.state_errors = 0
        self._trips: list[float] = []

    def received(self) -> None:
        """A call entered the pipeline."""
        with self._lock:
            self.deciding += 1

    def decided(self, req_key: str, compute_s: float | None) -> None:
        """Its answer is decided; None when an upstream decided it."""
        with self._lock:
            self.deciding -= 1
            if compute_s is not None:
                self.compute_s[self._label(req_key)].observe(compute_s)

    def abandoned(self) -> None:
        """It ended without an answer."""
        with self._lock:
            self.deciding -= 1

    def delivered(self, entry: Entry) -> None:
        """Its delivery is over."""
        req_key = self._label(entry.req_key)
        status = NONE if entry.status is None else str(entry.status)
        with self._lock:
            self.calls[req_key, entry.row, status] += 1
            for each in entry.fired:
                self.faults[each["name"], each["origin"]] += 1
            self.planned_delay_s[req_key].observe(entry.planned_delay_s)
            if entry.delay_s is not None:
                self.answer_s[req_key].observe(entry.delay_s)

    def asked_state(self, seconds: float | None) -> None:
        """One round trip to a common state; None for one that failed. Several belong to each call, so those that
        succeed are counted later, many at a time."""
        if seconds is None:
            with self._lock:
                self.state_errors += 1
            return
        self._trips.append(seconds)
        if len(self._trips) >= TRIPS_AT_ONCE:
            with self._lock:
                self._count_trips()

    def _count_trips(self) -> None:
        while self._trips:
            self.state_s.observe(self._trips.pop())

    def histograms(self) -> dict[str, Histograms]:
        """Copies of all histograms, by the name of their metric."""
        named = {"compute": self.compute_s, "answer": self.answer_s, "planned_delay": self.planned_delay_s}
        with self._lock:
            return {name: {key: each.copy() for key, each in found.items()} for name, found in named.items()}

    def histogram(self, name: str) -> Histograms:
        """Copies of the histograms of one kind by req_key; `state_s` has one, without a req_key."""
        with self._lock:
            self._count_trips()
            found = {"": self.state_s} if name == "state_s" else getattr(self, name)
            return {key: each.copy() for key, each in found.items()}

    def copy(self) -> Metrics:
        """What was counted so far."""
        made = Metrics(self._known)
        made.deciding, made.state_errors = self.deciding, self.state_errors
        calls, faults = self.counters()
        made.calls.update(calls)
        made.faults.update(faults)
        made.state_s = self.histogram("state_s")[""]
        for name in ("compute_s", "answer_s", "planned_delay_s"):
            getattr(made, name).update(self.histogram(name))
        return made

    def counters(self) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str], int]]:
        """Copies of `calls` and `faults`."""
        with self._lock:
            return dict(self.calls), dict(self.faults)

    @cached_property
    def _req_keys(self) -> frozenset[str]:
        return frozenset(self._known())

    def _label(self, req_key: str) -> str:
        if not req_key:
            return NONE
        return req_key if req_key in self._req_keys else OTHER
