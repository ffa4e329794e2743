"""The clock of a scope that all processes share: a mirror of what Redis holds, which every move goes to first."""

from __future__ import annotations

from collections.abc import Callable

from volcv_mock.simulation.clock import LATEST_S, Clock
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import optional, text_of


class RedisClock(Clock):
    """Reading it never waits for Redis. `real_offset_s` gives the real time of Redis less the monotonic clock, which is
    one number in all processes of a machine: none of them shows an earlier time than another did before."""

    def __init__(self, scope: str, connections: RedisConnections, channel: str, real_offset_s: Callable[[], float],
                 monotonic: Callable[[], float]) -> None:  # fmt: skip
        super().__init__(monotonic, monotonic)
        self._real_offset_s = real_offset_s
        self._epoch = real_offset_s()
        self._scope = scope
        self._connections = connections
        self._channel = channel
        self._known: tuple[str, int] = ("", 0)

    def freeze(self, at_s: float | None = None) -> None:
        """Stop the clock, now or at the given time. Raises ValueError for a time outside 1970 to 9999."""
        if at_s is not None and not 0 <= at_s <= LATEST_S:
            raise ValueError(f"at_s is {at_s!r}; wanted seconds since 1970, at most to 9999")
        self._move("freeze", at_s)

    def resume(self) -> None:
        """Let a frozen clock run again from its frozen time."""
        self._move("resume")

    def advance(self, seconds: float) -> None:
        """Move forward, frozen or not. Raises ValueError for a negative number: replies were sent already."""
        if not 0 <= seconds <= LATEST_S - self.now_s():
            raise ValueError(f"seconds is {seconds!r}; wanted 0 or more, and a resulting time before the year 10000")
        self._move("advance", float(seconds))

    def move_to(self, moment_s: float) -> None:
        """Move forward to a time; a time in the past changes nothing, because virtual delays may overlap."""
        self._move("move_to", float(moment_s))

    def reset(self) -> None:
        """Show real time again; wakes who waits for a moment."""
        self._move("reset")

    def follow(self, epoch: str, moves: int, offset: str, frozen: str) -> None:
        """Take over what Redis holds, and wake who waits."""
        with self._lock:
            known, last = self._known
            if (epoch or known) == known and moves <= last:
                return
            is_news = bool(moves or last)
            self._known = (epoch or known, moves)
            self._offset_s, self._frozen_at = float(offset), float(frozen) if frozen else None
        if is_news:
            self._listeners.notify()

    def follow_time(self) -> None:
        """The real time of Redis was read again."""
        with self._lock:
            self._epoch = self._real_offset_s()

    def _move(self, act: str, value: float | None = None) -> None:
        with self._lock:
            real_s = self._real()
        told = self._connections.script("clock", self._scope, act, optional(value), repr(real_s), self._channel)
        self.follow_move(told[2:])

    def follow_move(self, told: list[bytes] | list[str]) -> None:
        """What a process that moved the clock told: moves, offset, frozen moment."""
        self.follow("", int(told[0]), text_of(told[1]), text_of(told[2]))
