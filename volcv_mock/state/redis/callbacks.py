"""The callbacks of tasks that are over, of all processes."""

from __future__ import annotations

from volcv_mock.journal.callbacks import MOST, CallbackEntry
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import from_json, to_json


class RedisCallbacks:
    """The newest are kept, as those in memory are."""

    def __init__(self, connections: RedisConnections) -> None:
        self._connections = connections
        self._key = connections.key("cbj")

    def add(self, entry: CallbackEntry) -> None:
        """Add the entry of a callback that is over."""
        line = entry.scope.encode() + b"\n" + to_json(entry.to_dict())
        self._connections.commands([("RPUSH", self._key, line), ("LTRIM", self._key, -MOST, -1)])

    def entries(self, scope: str, every: str = "*") -> tuple[CallbackEntry, ...]:
        """Those of a scope, oldest first; those of all scopes for `every`."""
        rows = (row.split(b"\n", 1) for row in self._connections.command("LRANGE", self._key, 0, -1))
        return tuple(CallbackEntry(**from_json(text)) for name, text in rows if scope in (every, name.decode()))

    def clear(self, scope: str, every: str = "*") -> None:
        """Drop those of a scope."""
        self._connections.script("callbacks_clear", "*" if scope == every else scope)
