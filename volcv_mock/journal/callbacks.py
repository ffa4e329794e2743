"""The callbacks of tasks as the journal reports them: what was posted where, and what the receiver answered.

A callback is a request of the mock itself, so it is no call: it does not count among those of the client.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict
from typing import Any

from volcv_mock._util.frozen import frozen

MOST = 2000
"""The newest callbacks of all scopes that are kept: each takes about 1 KB."""


@frozen
class CallbackEntry:
    """One callback. `time` is the moment at which it ended, by the clock of its scope, in UTC; `time_s` the same in
    seconds since 1970. `call_id` is the submit in the journal.

    `url` lacks its query, which may hold a secret. `code` is that of the posted body, `task_status` the status of the
    task, `sent_bytes` the length of the body. `status` is the receiver's HTTP status; when nothing was posted or
    answered it is None, and `problem` says why.
    """

    time: str
    time_s: float
    scope: str
    task_id: str
    req_key: str
    call_id: str
    url: str
    code: int | None
    task_status: str
    sent_bytes: int
    status: int | None
    problem: str

    def to_dict(self) -> dict[str, Any]:
        """The entry as JSON has it."""
        return asdict(self)

    def line(self) -> str:
        """The entry in one line, for the log."""
        result = f"HTTP {self.status}" if self.status is not None else self.problem
        return f"{self.time} callback of task {self.task_id} to {self.url}: {result} call={self.call_id}"


class CallbackJournal:
    """Thread-safe. The oldest entries are dropped first."""

    def __init__(self) -> None:
        self._entries: deque[CallbackEntry] = deque(maxlen=MOST)
        self._lock = threading.Lock()

    def add(self, entry: CallbackEntry) -> None:
        """Add the entry of a callback that is over."""
        with self._lock:
            self._entries.append(entry)

    def entries(self, scope: str, every: str = "*") -> tuple[CallbackEntry, ...]:
        """Those of a scope, oldest first; those of all scopes for `every`."""
        with self._lock:
            return tuple(each for each in self._entries if scope in (every, each.scope))

    def clear(self, scope: str, every: str = "*") -> None:
        """Drop those of a scope."""
        with self._lock:
            kept = [each for each in self._entries if scope not in (every, each.scope)]
            self._entries.clear()
            self._entries.extend(kept)
