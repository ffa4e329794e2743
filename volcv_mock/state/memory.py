"""The state in the memory of this process: the default, which needs no server. Every part has its own lock."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from volcv_mock._util.gil_gate import Gate
from volcv_mock.injection.rules import RuleBook
from volcv_mock.journal import Journal
from volcv_mock.journal.store import PictureStore
from volcv_mock.simulation.clock import Clock
from volcv_mock.simulation.latency import LatencyModel
from volcv_mock.simulation.quotas import Quotas
from volcv_mock.state import Arrival
from volcv_mock.tasks import TaskStore
from volcv_mock.tasks.store import Now
from volcv_mock.upstream.difference_log import DifferenceLog


class Occurrences:
    """Counts identical requests, for all scopes together. Bounded: the least recently received are evicted first.
    Thread-safe."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._eras = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def era(self) -> bytes:
        """A prefix that a scope uses until its next reset; counts under other prefixes do not affect it."""
        return next(self._eras).to_bytes(8, "big")

    def add(self, era: bytes, digest: str, most: int) -> int:
        """Counts a request; returns how many identical ones came before."""
        name = era + bytes.fromhex(digest)[:16]
        with self._lock:
            before = self._counts.pop(name, 0)
            self._counts[name] = before + 1
            while len(self._counts) > most:
                self._counts.popitem(last=False)
            return before

    def before(self, era: bytes, digest: str) -> int:
        """How often this request was counted before in this era."""
        return self._counts.get(era + bytes.fromhex(digest)[:16], 0)


class MemoryScope:
    """The state of one scope. `occurrences` is shared with the other scopes."""

    def __init__(self, occurrences: Occurrences, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.rules = RuleBook()
        self.quotas = Quotas()
        self.latency: LatencyModel | None = None
        self._file_rules: list[str] = []
        self._occurrences = occurrences
        self._era = occurrences.era()
        self._calls = 0
        self._turns: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def begin(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """A new scope: it has the rules of the settings."""
        self.take_file(specs, digest)

    def refresh(self) -> None:
        """Nothing to do: no other process changes it."""

    def set_latency(self, model: LatencyModel) -> None:
        """The scope's latency until the settings are read again."""
        self.latency = model

    def take_file(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """The rules of the settings, in place of those of the settings before."""
        for rule_id in self._file_rules:
            self.rules.remove(rule_id)
        self._file_rules = [self.rules.add(spec)["id"] for spec in specs]
        self.latency = None

    def arrive(self, digest: str, remembered: int) -> Arrival:
        """Count a call; of at most `remembered` requests of all scopes the repetitions are known."""
        with self._lock:
            self._calls += 1
            return Arrival(self._calls, self._occurrences.add(self._era, digest, remembered))

    def occurrence(self, digest: str) -> int:
        """How often this request arrived since the last `restart`; counts nothing."""
        return self._occurrences.before(self._era, digest)

    def take_turn(self, request: Hashable) -> int:
        """How often this request was replayed before; counts one more."""
        with self._lock:
            self._turns[request] += 1
            return self._turns[request] - 1

    def restart(self) -> None:
        """Every counter at zero, the clock at real time, no rules."""
        with self._lock:
            self._era = self._occurrences.era()
            self._calls = 0
            self._turns.clear()
        self.clock.reset()
        self.quotas.reset()
        self.rules.clear()
        self._file_rules = []


class MemoryState:
    """All scopes of one mock, with budgets in bytes for its calls, pictures and the inputs of its tasks.

    `now_s` reads the clock of a scope; `pixels` and `released` are those of the GIL gate.
    """

    name = "memory"
    is_shared = False

    def __init__(
        self,
        journal_bytes: int,
        pictures_bytes: int,
        tasks_bytes: int,
        seed: int,
        now_s: Now,
        pixels: Gate = nullcontext,
        released: Gate = nullcontext,
    ) -> None:
        self.journal = Journal(journal_bytes, pixels)
        self.pictures = PictureStore(pictures_bytes, seed)
        self.tasks = TaskStore(tasks_bytes, now_s, released)
        self.differences = DifferenceLog()
        self._occurrences = Occurrences()

    def check(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """Nothing to end."""

    def ledger(self, limit: int, today: Callable[[], dt.date]) -> None:
        """None in memory: the budget is a file, which other programs share."""

    def scope_names(self) -> tuple[str, ...]:
        """No other process has scopes."""
        return ()

    def arrive(self, calls: Sequence[tuple[MemoryScope, str]], remembered: int) -> list[Arrival]:
        """Count several calls."""
        return [scope.arrive(digest, remembered) for scope, digest in calls]

    def scope(self, name: str) -> MemoryScope:
        """A new scope; World keeps those that exist."""
        return MemoryScope(self._occurrences)
