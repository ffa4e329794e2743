"""RedisState: all parts of the state, and what they share. `opened` makes one from the settings of a mock."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import field
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from volcv_mock._util.frozen import frozen
from volcv_mock._util.gil_gate import Gate
from volcv_mock.state import Arrival, BadState, StateUnavailable
from volcv_mock.state.address import Address
from volcv_mock.state.redis.clock import RedisClock
from volcv_mock.state.redis.connection import Connect, RedisConnections, connector
from volcv_mock.state.redis.journal import LOST, RedisJournal
from volcv_mock.state.redis.openings import Openings
from volcv_mock.state.redis.pictures import RedisPictures
from volcv_mock.state.redis.quotas import SILENT_S, RedisQuotas
from volcv_mock.state.redis.rules import RedisRules
from volcv_mock.state.redis.scope import RedisScope
from volcv_mock.state.redis.tasks import RedisTasks
from volcv_mock.state.redis.texts import text_of
from volcv_mock.state.redis.upstream import RedisDifferences, RedisLedger
from volcv_mock.state.redis.watch import Watch
from volcv_mock.state.redis.writer import Writer
from volcv_mock.tasks.store import Now

OLDEST = (6, 2)
MEASURE_S = 60.0
"""How often the time of Redis is read."""
MEASUREMENTS = 5
"""The quickest of so many counts."""
DRIFT_S = 0.01
"""How far a machine may drift from Redis before its clocks follow."""


@frozen
class Budgets:
    """In bytes, and the number of scopes that are kept."""

    journal_bytes: int
    pictures_bytes: int
    tasks_bytes: int
    most_scopes: int = 256


@frozen
class Process:
    """What a state needs of the process it works for. `replica` and `epoch` are random, `now_s` reads the clock of a
    scope, `shared` has the settings that must be equal in all processes. `on_emptied` is called when Redis has lost
    its data."""

    replica: str
    epoch: str
    seed: int
    monotonic: Callable[[], float]
    now_s: Now
    shared: Mapping[str, str] = field(default_factory=dict)
    pixels: Gate = nullcontext
    released: Gate = nullcontext


class RedisState:
    """`begin` connects, checks and starts the threads; `close` ends them."""

    name = "redis"
    is_shared = True

    def __init__(self, name: str, shown: str, connect: Connect, process: Process, budgets: Budgets) -> None:
        prefix = f"{{volcv:{name}}}:"
        self._name, self._shown, self._process, self._budgets = name, shown, process, budgets
        self._channel = prefix + "moved"
        self._key = blake2b(f"{process.seed} {name}".encode(), digest_size=32, person=b"volcv-mock keys").digest()
        self.connections = RedisConnections(connect, prefix, process.monotonic, process.released)
        self.apart = RedisConnections(connect, prefix, process.monotonic)
        self.warn: Callable[[str], None] = lambda warning: None
        self._writer = Writer(lambda: RedisConnections(connect, prefix, process.monotonic), process.monotonic,
                              process.released, lambda warning: self.warn(warning))  # fmt: skip
        self._openings = Openings(self.connections, process.released)
        self.journal = RedisJournal(self.connections, self._writer, self._openings, process.replica,
                                    budgets.journal_bytes, self.living, process.pixels)  # fmt: skip
        self.pictures = RedisPictures(self.connections, budgets.pictures_bytes, process.seed)
        self.tasks = RedisTasks(self.connections, self._channel, process.replica, budgets.tasks_bytes, process.now_s)
        self.differences = RedisDifferences(self.connections)
        self.on_emptied: Callable[[], None] = lambda: None
        self.on_adopted: Callable[[], None] = lambda: None
        self.on_beat: Callable[[], None] = lambda: None
        self.on_changed: Callable[[], None] = lambda: None
        """Called when another process says that something changed there."""
        self.replica = process.replica
        self._clocks: WeakValueDictionary[str, RedisClock] = WeakValueDictionary()
        self._scopes: WeakValueDictionary[str, RedisScope] = WeakValueDictionary()
        self._real_offset_s = 0.0
        self._measured_at_s = process.monotonic()
        self._epoch = ""
        self._adopting = Lock()
        self._watch = Watch(connect, self._channel, self._take_message, self._beat, process.monotonic)

    def begin(self) -> None:
        """Raises BadState when this Redis, or what it holds, cannot be used."""
        try:
            self._check_version()
            self.connections.load()
            self._real_offset_s = self._agreed_offset_s()
            self._epoch = self._introduced()
            self._heartbeat()
        except StateUnavailable as error:
            raise BadState(f"{self._shown} does not answer: {error}") from None
        self._watch.start()

    def close(self) -> None:
        """Write what is left and end the threads."""
        self._watch.close(lambda: self.apart.command("PUBLISH", self._channel, "end"))
        self._openings.close()
        if lost := self._writer.close():
            self.warn(f'ends of deliveries could not be written to Redis: {lost}; they stay client: "{LOST}"')
        with suppress(StateUnavailable):  # the others will notice within SILENT_S
            self.on_beat()
            self._heartbeat(is_last=True)
        self.connections.close()
        self.apart.close()

    def check(self) -> None:
        """Raises StateUnavailable when Redis cannot be reached."""
        self.connections.command("PING")

    def arrive(self, calls: Sequence[tuple[RedisScope, str]], remembered: int) -> list[Arrival]:
        """Count several calls in one round trip."""
        found = self.connections.run([scope.arriving(digest, remembered) for scope, digest in calls])
        return [scope.arrived(each) for (scope, _), each in zip(calls, found, strict=True)]

    def scope(self, name: str) -> RedisScope:
        """The mirror of a scope. It asks Redis nothing: the event loop may need a scope too."""
        known = self._scopes.get(name)
        if known is None:
            keyed, rules = self._keyed, RedisRules(name, self.connections, self._keyed)
            quotas = RedisQuotas(name, self.connections, self._writer, self._process.replica, keyed)
            known = RedisScope(name, self.connections, self._channel, self._clock(name), rules, quotas, self._adopt,
                               self._budgets.most_scopes)  # fmt: skip
            self._scopes[name] = known
        return known

    def scope_names(self) -> tuple[str, ...]:
        """The scopes that exist in any process."""
        return tuple(map(text_of, self.connections.command("ZRANGE", self.connections.key("scopes"), 0, -1)))

    def ledger(self, limit: int, today: Callable[[], dt.date]) -> RedisLedger:
        """The budget of calls to the upstream."""
        return RedisLedger(self.connections, limit, today)

    def tell_changed(self) -> None:
        """Tell the other processes that something changed here."""
        self.apart.command("PUBLISH", self._channel, f"changed\n{self.replica}")

    def _clock(self, name: str) -> RedisClock:
        clock = self._clocks.get(name)
        if clock is None:
            clock = RedisClock(name, self.connections, self._channel, lambda: self._real_offset_s,
                               self._process.monotonic)  # fmt: skip
            self._clocks[name] = clock
        return clock

    def _keyed(self, key: str) -> str:
        """What Redis has in place of an API key."""
        return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).hexdigest()

    def _check_version(self) -> None:
        try:
            rows = text_of(self.connections.command("INFO", "server")).splitlines()
        except StateUnavailable as error:
            if any(word in str(error) for word in ("unknown command", "no permissions")):
                return  # a provider may forbid the question
            raise
        version = next((row.partition(":")[2] for row in rows if row.startswith("redis_version:")), "0")
        if tuple(map(int, version.split(".")[:2])) < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            raise BadState(f"{self._shown} is Redis {version}: wanted {wanted} or newer, or Valkey")

    def _agreed_offset_s(self) -> float:
        """The time of Redis less the monotonic clock, as the first process of this machine measured it. Each measures
        with an error of its own, but they have one monotonic clock, and must not disagree on what is earlier."""
        own_s, doubt_s = min((self._measured() for _ in range(MEASUREMENTS)), key=itemgetter(1))
        key, machine = self.apart.key("machines"), machine_id()
        _, kept = self.apart.commands([("HSETNX", key, machine, repr(own_s)), ("HGET", key, machine)])
        if abs(float(kept) - own_s) <= doubt_s + DRIFT_S:
            return float(kept)
        self.apart.command("HSET", key, machine, repr(own_s))
        return own_s

    def _measured(self) -> tuple[float, float]:
        """The difference, and how far it may be wrong: half of the round trip."""
        before_s = self._process.monotonic()
        seconds, microseconds = self.apart.command("TIME")
        after_s = self._process.monotonic()
        return int(seconds) + int(microseconds) / 1e6 - (before_s + after_s) / 2, (after_s - before_s) / 2

    def _follow_time(self) -> None:
        """Machines drift apart, and are set: every minute the clocks follow that of Redis."""
        now_s = self._process.monotonic()
        if now_s < self._measured_at_s + MEASURE_S:
            return
        self._measured_at_s, offset_s = now_s, self._agreed_offset_s()
        if offset_s != self._real_offset_s:
            self._real_offset_s = offset_s
            for clock in list(self._clocks.values()):
                clock.follow_time()

    def _introduced(self) -> str:
        """The epoch of the data. Raises BadState when another mock has this name."""
        shared = self._process.shared
        began = repr(self._process.monotonic() + self._real_offset_s)
        epoch, began_at, *differing = self.connections.script(
            "begin", self._process.epoch, began, *(part for pair in shared.items() for part in pair)
        )
        if differing:
            raise BadState(self._other(list(map(text_of, differing))))
        self.journal.began = text_of(began_at)
        return text_of(epoch)

    def _other(self, differing: Sequence[str]) -> str:
        named = zip(differing[::2], differing[1::2], strict=True)
        facts = ", ".join(f"{name} {kept} (here {self._process.shared[name]})" for name, kept in named)
        return (f"{self._shown} has the state of another mock named {self._name!r}: {facts}. Give this one a name"
                f" of its own (?name=...), or delete the keys {{volcv:{self._name}}}:*")  # fmt: skip

    def _adopt(self, epoch: str) -> str:
        """The epoch in force; an empty one means that Redis has lost its data, and this process begins anew."""
        if epoch == self._epoch:
            return epoch
        if not self._adopting.acquire(blocking=False):
            raise StateUnavailable("it has lost its data, and is being prepared")
        try:
            self._begin_anew()
        finally:
            self._adopting.release()
        return self._epoch

    def _begin_anew(self) -> None:
        self.connections.load()
        self._measured_at_s = float("-inf")
        self._epoch = self._introduced_again()
        self.journal.was_emptied()
        self.pictures.was_emptied()
        self._heartbeat()
        self.on_emptied()

    def _introduced_again(self) -> str:
        try:
            return self._introduced()
        except BadState as error:
            raise StateUnavailable(str(error)) from None

    def living(self) -> frozenset[str]:
        """The processes that have shown within SILENT_S that they are alive."""
        key = self.connections.key("replicas")
        (seconds, _), names = self.connections.commands([("TIME",), ("ZRANGE", key, 0, -1, "WITHSCORES")])
        alive = zip(names[::2], names[1::2], strict=True)
        return frozenset(text_of(name) for name, seen in alive if float(seen) >= int(seconds) - SILENT_S)

    def _beat(self) -> None:
        self._heartbeat()
        self._follow_time()
        self.on_beat()
        for clock, scope in [(each.clock, each) for each in list(self._scopes.values())]:
            if clock.is_awaited:
                *_, moves, offset, frozen, _, epoch = self.apart.script("sync", scope._name)
                if text_of(epoch) == self._epoch:
                    clock.follow(self._epoch, int(moves), text_of(offset), text_of(frozen))

    def _heartbeat(self, *, is_last: bool = False) -> None:
        taken = self.apart.script("heartbeat", self._process.replica, SILENT_S, "1" if is_last else "0")
        if self.tasks.adopt(list(map(text_of, taken))):
            self.on_adopted()

    def _take_message(self, kind: str, facts: Sequence[str]) -> None:
        if kind == "clock":
            clock = self._clocks.get(facts[0])
            if clock is not None:
                clock.follow_move(list(facts[1:]))
        elif kind == "task":
            self.tasks.reload(facts[0])
        elif kind == "changed" and facts[0] != self.replica:
            self.on_changed()


def opened(address: Address, process: Process, budgets: Budgets) -> RedisState:
    """A state that has begun. Raises BadState."""
    if address.ca and not os.access(address.ca, os.R_OK):
        raise BadState(f"{address.shown}: ca={address.ca}: no such file, or it cannot be read")
    state = RedisState(address.name, address.shown, connector(address), process, budgets)
    state.begin()
    return state


def machine_id() -> str:
    """Of the processes that have one monotonic clock: Linux names each start of a machine, also inside containers."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()
