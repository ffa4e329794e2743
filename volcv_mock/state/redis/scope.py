"""One scope as this process mirrors it. `arrive` and `refresh` bring the mirror up to date; nothing else waits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from volcv_mock.injection.rules import MAX_RULES, parse_rule
from volcv_mock.simulation import draws
from volcv_mock.simulation.latency import LatencyModel
from volcv_mock.state import Arrival
from volcv_mock.state.redis.clock import RedisClock
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.quotas import RedisQuotas
from volcv_mock.state.redis.rules import RedisRules
from volcv_mock.state.redis.texts import from_json, text_of, to_json


class RedisScope:
    """`adopt` is called with the epoch that each reply tells: another one means that Redis was emptied."""

    def __init__(self, name: str, connections: RedisConnections, channel: str, clock: RedisClock, rules: RedisRules,
                 quotas: RedisQuotas, adopt: Callable[[str], str], most_scopes: int) -> None:  # fmt: skip
        self._name = name
        self._connections = connections
        self._channel = channel
        self.clock = clock
        self.rules = rules
        self.quotas = quotas
        self.latency: LatencyModel | None = None
        self._latency_text = ""
        self._adopt = adopt
        self._epoch = ""
        self._mirrored: list[Any] | None = None
        self._most_scopes = most_scopes

    def begin(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """Nothing to do: this may be called by the event loop, and another process may have begun the scope."""

    def arrive(self, digest: str, remembered: int) -> Arrival:
        """Count a call; of at most `remembered` requests of all scopes the repetitions are known."""
        [found] = self._connections.run([self.arriving(digest, remembered)])
        return self.arrived(found)

    def arriving(self, digest: str, remembered: int) -> tuple[str, tuple[Any, ...]]:
        """The script that counts a call; `arrived` reads what it found."""
        return "arrive", (self._name, digest[:32], remembered, self._most_scopes)

    def arrived(self, found: list[Any]) -> Arrival:
        """What the script of `arriving` found."""
        *mirror, number, occurrence = found
        self._follow(mirror)
        return Arrival(number, occurrence)

    def occurrence(self, digest: str) -> int:
        """How often this request arrived since the last `restart`; counts nothing."""
        return int(self._connections.script("occurrence", self._name, digest[:32]))

    def take_turn(self, request: Hashable) -> int:
        """How often this request was replayed before; counts one more."""
        return int(self._connections.script("turn", self._name, draws.digest(request).hex()[:32]))

    def refresh(self) -> None:
        """Read what other processes changed."""
        self._follow(self._connections.script("sync", self._name))

    def set_latency(self, model: LatencyModel) -> None:
        """The scope's latency until the next restart."""
        self._latency_text = text = text_of(to_json(model.described()))
        self._connections.script("latency", self._name, text)
        self.latency = model

    def take_file(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """The rules of the settings, once per content and not once per process."""
        written = [part for spec in specs for part in self.rules.written(parse_rule(spec), spec)]
        self._connections.script("file", self._name, digest, MAX_RULES, *written)
        self.refresh()

    def restart(self) -> None:
        """Every counter at zero, the clock at real time, no rules."""
        self._follow(self._connections.script("restart", self._name, self._channel))

    def _follow(self, mirror: list[Any]) -> None:
        if mirror != self._mirrored:
            self._follow_news(mirror)

    def _follow_news(self, mirror: list[Any]) -> None:
        revision, moves, offset, frozen, latency, epoch = map(text_of, mirror)
        epoch = self._adopt(epoch)
        if epoch != self._epoch:
            if self._epoch:
                self.rules.was_emptied()
            self._epoch = epoch
        self.rules.follow(revision)
        if latency != self._latency_text:
            self.latency = LatencyModel.parse(from_json(latency)) if latency else None
            self._latency_text = latency
        self.clock.follow(epoch, int(moves), offset, frozen)
        self._mirrored = mirror if mirror[5] else None
