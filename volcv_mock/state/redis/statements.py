"""What tests stated that their apps showed, of all processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import text_of


class RedisStatements:
    """One hash per scope. Only statements about calls that are still in the journal are kept."""

    def __init__(self, connections: RedisConnections) -> None:
        self._connections = connections

    def add(self, scope: str, calls: Iterable[str], what: str) -> None:
        """State `what` for the calls of a scope; a call that has a statement keeps it, whichever process made it."""
        key, named = self._key(scope), tuple(calls)
        gone = set(self.of_scope(scope)).difference(named)
        dropped = [("HDEL", key, *gone)] if gone else []
        self._connections.commands([*(("HSETNX", key, call, what) for call in named), *dropped])

    def of_scope(self, scope: str) -> Mapping[str, str]:
        """The statements about the calls of a scope."""
        flat = [text_of(part) for part in self._connections.command("HGETALL", self._key(scope))]
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def clear(self, scope: str) -> None:
        """Drop those of a scope."""
        self._connections.command("DEL", self._key(scope))

    def _key(self, scope: str) -> str:
        return self._connections.key(f"shown:{scope}")
