"""What all processes know of the upstream: the calls of today's budget, and the differences of the mode `diff`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from volcv_mock.recording.ledger import BudgetSpent
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import from_json, text_of, to_json
from volcv_mock.upstream.difference_log import KEPT_CALLS, ComparedCall, Difference, summary_of

if TYPE_CHECKING:
    Today = Callable[[], dt.date]


class RedisLedger:
    """At most `limit` calls to the upstream a day (UTC), over all processes."""

    def __init__(self, connections: RedisConnections, limit: int, today: Today) -> None:
        self._connections = connections
        self._limit = limit
        self._today = today

    def take(self, case_id: str, digest: str) -> dt.date:
        """Count a call before it is sent. Raises BudgetSpent."""
        day = self._today()
        spent, may = self._connections.script("ledger_take", day.isoformat(), self._limit)
        if not may:
            raise BudgetSpent(spent, self._limit, case_id)
        return day

    def give_back(self, case_id: str, digest: str, seen: str, day: dt.date | None = None) -> None:
        """The refusal was seen: the call cost nothing. It returns to the day it was taken from."""
        self._connections.command("HINCRBY", self._connections.key("ledger"), (day or self._today()).isoformat(), -1)

    def note(self, case_id: str, digest: str, seen: str) -> None:
        """A call that stays spent: nothing to write, the journal has it."""

    def spent(self) -> int:
        """The paid calls of today."""
        found = self._connections.command("HGET", self._connections.key("ledger"), self._today().isoformat())
        return int(found or 0)


class RedisDifferences:
    """The calls whose answers differed, and how many were compared, by all processes."""

    def __init__(self, connections: RedisConnections) -> None:
        self._connections = connections

    @property
    def compared(self) -> int:
        """How many calls were compared."""
        return self._number("compared")

    @property
    def differing(self) -> int:
        """How many of them differed."""
        return self._number("differing")

    def add(self, call: ComparedCall) -> None:
        """Count a comparison; a call without differences is not kept."""
        kept = to_json(asdict(call)) if call.differences else ""
        what = {difference.what for difference in call.differences}
        self._connections.script("difference_add", kept, KEPT_CALLS, *sorted(what))

    def of_scope(self, scope: str, every: str) -> list[ComparedCall]:
        """The kept calls of a scope, oldest first; `every` is the name that means all scopes."""
        rows = map(from_json, self._connections.command("LRANGE", self._connections.key("d"), 0, -1))
        calls = [{**row, "differences": tuple(Difference(**each) for each in row["differences"])} for row in rows]
        return [ComparedCall(**call) for call in calls if scope in (every, call["scope"])]

    def summary(self) -> str:
        """One line, such as `2 of 9 calls differ: status 2, code 1`."""
        flat = self._connections.command("HGETALL", self._connections.key("dc"))
        counts = {text_of(what): int(count) for what, count in zip(flat[::2], flat[1::2], strict=True)}
        return summary_of(self.differing, self.compared, counts)

    def _number(self, name: str) -> int:
        return int(self._connections.command("HGET", self._connections.key("dn"), name) or 0)
