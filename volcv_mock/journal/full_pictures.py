"""The full pictures of calls, for the console: kept only where `--keep-bodies` gives them memory.

A picture is kept once, however many calls sent it. The oldest calls lose theirs first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256

from volcv_mock._util.frozen import mutable
from volcv_mock.model import EVERY_SCOPE, Painted, Picture


@mutable
class _Kept:
    data: bytes
    users: int = 0


class FullPictures:
    """Every method may be called from any thread. With a budget of 0 nothing is kept."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.held_bytes = 0
        self._calls: OrderedDict[str, tuple[str, dict[str, str]]] = OrderedDict()
        self._pictures: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def keep(self, call_id: str, scope: str, sources: Iterable[Picture | Painted]) -> None:
        """Keep what a call sent and what it got, as far as the budget goes."""
        if not self.budget_bytes:
            return
        found = _by_role(sources)
        with self._lock:
            if not found.keys() - self._calls.get(call_id, ("", {}))[1].keys():
                return
            _, names = self._calls.setdefault(call_id, (scope, {}))
            for role, data in found.items():
                if role not in names and len(data) <= self.budget_bytes:
                    names[role] = self._hold(data)
            while self.held_bytes > self.budget_bytes:
                self._drop(next(iter(self._calls)))

    def get(self, call_id: str, role: str) -> bytes | None:
        """The picture of that role, as it was sent or received; None if it is not kept."""
        with self._lock:
            name = self._calls.get(call_id, ("", {}))[1].get(role)
            return self._pictures[name].data if name else None

    def roles(self, call_id: str) -> tuple[str, ...]:
        """Which pictures of a call are kept."""
        return tuple(self._calls.get(call_id, ("", {}))[1])

    def clear(self, scope: str = EVERY_SCOPE) -> None:
        """Drop the pictures of a scope."""
        with self._lock:
            for call_id in [each for each, (name, _) in self._calls.items() if scope in (EVERY_SCOPE, name)]:
                self._drop(call_id)

    def _hold(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        if name not in self._pictures:
            self._pictures[name] = _Kept(data)
            self.held_bytes += len(data)
        self._pictures[name].users += 1
        return name

    def _drop(self, call_id: str) -> None:
        _, names = self._calls.pop(call_id)
        for name in names.values():
            kept = self._pictures[name]
            kept.users -= 1
            if not kept.users:
                self.held_bytes -= len(kept.data)
                del self._pictures[name]


def _by_role(sources: Iterable[Picture | Painted]) -> Mapping[str, bytes]:
    """The first picture of each role that has bytes."""
    found: dict[str, bytes] = {}
    for each in sources:
        role = each.role if isinstance(each, Picture) else "result"
        if each.data:
            found.setdefault(role, each.data)
    return found
