"""What a test stated that its app showed, per call: the wire does not show it, and the verdict asks for it.

A call is named by its id and its time, because ids repeat after a reset.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from volcv_mock.journal.entries import Entry


def name_of(call: Entry) -> str:
    """The name of a call in the statements."""
    return f"{call.id} {call.time_s!r}"


class Statements:
    """Thread-safe. Only statements about calls that are still in the journal are kept."""

    def __init__(self) -> None:
        self._by_scope: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def add(self, scope: str, calls: Iterable[str], what: str) -> None:
        """State `what` for the calls of a scope; a call that has a statement keeps it."""
        with self._lock:
            known = self._by_scope.get(scope, {})
            self._by_scope[scope] = {call: known.get(call, what) for call in calls}

    def of_scope(self, scope: str) -> Mapping[str, str]:
        """The statements about the calls of a scope."""
        return self._by_scope.get(scope, {})

    def clear(self, scope: str) -> None:
        """Drop those of a scope."""
        with self._lock:
            self._by_scope.pop(scope, None)
