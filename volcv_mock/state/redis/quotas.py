"""The quotas of a scope over all processes. Windows and slots are kept by a keyed digest of the API key.

A process that dies keeps its slots for SILENT_S seconds; the others then see that it is silent (heartbeat.lua).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from volcv_mock import contract
from volcv_mock.simulation.quotas import CONCURRENCY, RATE, QuotaRefusal, QuotaSettings, Ticket, rate_window
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import optional, text_of
from volcv_mock.state.redis.writer import Writer

SILENT_S = 5
AGAIN_S = 0.005
"""A slot is given back after the answer has left: a client that calls another process next is looked at twice."""


class RedisQuotas:
    """Without limits nothing is asked of Redis. Every method may be called from any thread; `release` never waits."""

    def __init__(self, scope: str, connections: RedisConnections, writer: Writer, replica: str,
                 keyed: Callable[[str], str]) -> None:  # fmt: skip
        self._scope = scope
        self._connections = connections
        self._writer = writer
        self._replica = replica
        self._keyed = keyed
        self._settings = QuotaSettings()
        self._numbers = count(1)

    @property
    def settings(self) -> QuotaSettings:
        """The settings in force."""
        return self._settings

    def change(self, settings: QuotaSettings) -> None:
        """New limits from now on, in this process: all have the same file."""
        self._settings = settings

    def admit(
        self, key: str, arrived_s: float, now_s: float | None = None, unfinished: int = 0
    ) -> Ticket | QuotaRefusal:
        """A ticket, or the quota that is used up: the rate is checked before the concurrency."""
        settings = self._settings
        if settings.requests_per_second is None and settings.in_flight is None:
            return Ticket(b"", 0, _window(settings, 0, 0, unfinished))
        found = self._asked(key, arrived_s, arrived_s if now_s is None else now_s, unfinished)
        verdict = text_of(found[0])
        window_s = rate_window(settings.requests_per_second)[1]
        window = _window(settings, found[1], window_s, found[2])
        if verdict:
            return QuotaRefusal(contract.row(RATE if verdict == "rate" else CONCURRENCY), window)
        return Ticket(self._keyed(key).encode(), found[3], window)

    def release(self, ticket: Ticket) -> None:
        """Free the slot, soon."""
        if ticket.number and self._settings.in_flight is not None:
            name = f"{self._replica}:{ticket.number}"
            self._writer.add("release", self._scope, ticket.key.decode(), name, is_urgent=True)

    def in_flight(self, key: str) -> int:
        """The number of requests of this key that are being answered."""
        self._writer.flush()
        name = f"s|{self._scope}|t|{self._keyed(key)}"
        return int(self._connections.command("SCARD", self._connections.key(name)))

    def reset(self) -> None:
        """Nothing to do: a restart begins new windows (restart.lua)."""

    def _asked(self, key: str, arrived_s: float, now_s: float, unfinished: int) -> list[Any]:
        settings, number = self._settings, next(self._numbers)
        limit, window_s = rate_window(settings.requests_per_second)
        arguments = (
            self._scope, self._keyed(key), repr(arrived_s), repr(now_s),
            "" if settings.requests_per_second is None else limit, repr(window_s), optional(settings.in_flight),
            unfinished, f"{self._replica}:{number}", SILENT_S,
        )  # fmt: skip
        if settings.in_flight is not None:
            self._writer.flush_if_any()
        found = self._connections.script("admit", *arguments)
        if found[0] == b"concurrency" and not unfinished:
            self._writer.pause(AGAIN_S)
            found = self._connections.script("admit", *arguments)
        return [*found, number]


def _window(settings: QuotaSettings, requests: int, window_s: float, in_flight: int) -> dict[str, Any]:
    return {
        "requests_per_second": settings.requests_per_second,
        "requests_in_window": requests,
        "window_s": window_s,
        "in_flight_limit": settings.in_flight,
        "in_flight": in_flight,
    }
