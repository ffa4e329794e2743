"""The differences that the mode `diff` found, call by call. differences.py finds them."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from volcv_mock._util.frozen import frozen

KEPT_CALLS = 1000


@frozen
class Difference:
    """One fact on which the two answers differ, such as `status` or `members.data.image_urls`."""

    what: str
    mock: Any
    upstream: Any


@frozen
class ComparedCall:
    """The differences of one call."""

    call: str
    scope: str
    time_s: float
    req_key: str
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """As the control API lists it."""
        return asdict(self)


class DifferenceLog:
    """The calls whose answers differed, the newest `KEPT_CALLS` of them, and how many were compared. Thread-safe."""

    def __init__(self) -> None:
        self._calls: deque[ComparedCall] = deque(maxlen=KEPT_CALLS)
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.compared = 0
        self.differing = 0

    def add(self, call: ComparedCall) -> None:
        """Count a comparison; a call without differences is not kept."""
        with self._lock:
            self.compared += 1
            if call.differences:
                self.differing += 1
                self._calls.append(call)
                self._counts.update({difference.what for difference in call.differences})

    def of_scope(self, scope: str, every: str) -> list[ComparedCall]:
        """The kept calls of a scope, oldest first; `every` is the name that means all scopes."""
        with self._lock:
            return [call for call in self._calls if scope in (every, call.scope)]

    def summary(self) -> str:
        """One line, such as `2 of 9 calls differ: status 2, code 1`."""
        with self._lock:
            return summary_of(self.differing, self.compared, self._counts)


def summary_of(differing: int, compared: int, counts: Mapping[str, int]) -> str:
    """The line of a summary; `counts` are the calls by what differed."""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    facts = ", ".join(f"{what} {count}" for what, count in most)
    return f"{differing} of {compared} calls differ{': ' + facts if facts else ''}"
