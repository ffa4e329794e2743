"""Journal entries that are written after their answers left, when the server pauses or somebody reads the journal.

- Of a call that an upstream answered: what the mock itself would have said of it takes longer than to pass it on. The
  requests wait in a file, at most MOST_BYTES and MOST_CALLS; above that, or where no file can be written, a call is
  checked before it is passed on.
- Of a call whose answer waits for its delay: many at once would keep each other's answers waiting.

What waits is done in its order, so that the journal is the same as if nothing had waited.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from typing import BinaryIO, cast

from volcv_mock._util.frozen import frozen
from volcv_mock._util.gil_gate import Gate

_LOG = logging.getLogger("volcv_mock.journal")
MOST_BYTES, MOST_CALLS = 64_000_000, 2048
MOST_WAITING = 16_384
"""Entries and ends of deliveries that wait at most: 8192 calls, as many as connections in a crowd."""
LATE_S = 2.0
"""How long an end waits at most while calls arrive without a pause: its log line comes with it."""
AT_ONCE = 4
"""How many are written for each call that arrives then: more than one call adds."""

Write = Callable[[bool], None]
"""Writes an entry; without the check when given False."""


@frozen
class Place:
    """Where a request waits."""

    start: int
    size_bytes: int


@frozen
class _Act:
    """What is done to the journal in its turn: an entry is written, or closed. `place` is that of its request, if it
    has one to free; `ended_s` when the delivery was over that it closes."""

    write: Write
    place: Place | None = None
    ended_s: float | None = None


class Backlog:
    """Only a server that calls `write_one` in its pauses opens it. Thread-safe; `released` is that of the GilGate."""

    def __init__(self, released: Gate = nullcontext, monotonic: Callable[[], float] = lambda: 0.0) -> None:
        self.is_open = False
        self._released = released
        self._monotonic = monotonic
        self._acts: deque[_Act] = deque()
        self._ended_s: deque[float] = deque()
        self._file: BinaryIO | None = None
        self._end = self._taken = 0
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # held while an entry is written: they keep their order

    def __len__(self) -> int:
        """How many entries wait."""
        return sum(act.ended_s is None for act in self._acts)

    @property
    def waits(self) -> bool:
        """Whether anything waits: what comes now is done behind it."""
        return bool(self._acts)

    def take(self, body: bytes) -> Place | None:
        """Keep a request; None when there is no room. `give_back`, or the end of its entry's writing, frees it."""
        with self._lock:
            has_room = self._end + len(body) <= MOST_BYTES and self._taken < MOST_CALLS
            if not (self.is_open and has_room):
                return None
            try:
                if self._file is None:
                    self._file = cast(BinaryIO, tempfile.TemporaryFile(buffering=0))  # noqa: SIM115  lives as long
                self._file.seek(self._end)
                self._file.write(body)
            except OSError:
                return None
            place = Place(self._end, len(body))
            self._end += len(body)
            self._taken += 1
            return place

    def read(self, place: Place) -> bytes:
        """The request that was kept there."""
        with self._lock:
            assert self._file is not None
            self._file.seek(place.start)
            return self._file.read(place.size_bytes)

    def give_back(self, place: Place) -> None:
        """Free a place whose entry does not wait."""
        with self._lock:
            self._free(place)

    def _free(self, place: Place | None) -> None:
        if place is None:
            return
        self._taken -= 1
        if not self._taken and self._file is not None:
            self._end = 0
            self._file.truncate(0)

    def add(self, write: Write, place: Place | None = None) -> None:
        """Let an entry wait, and the request that was kept for it."""
        self._acts.append(_Act(write, place))

    def ended(self, close: Callable[[], None]) -> None:
        """Close an entry now, or behind what waits: an attempt that began before this moment still began before it."""
        if self._acts:
            now_s = self._monotonic()
            self._ended_s.append(now_s)
            self._acts.append(_Act(lambda _: close(), ended_s=now_s))
        else:
            close()

    def keep_up(self) -> None:
        """Where the server does not pause: write some when too many wait, or one whose answer left long ago."""
        for _ in range(AT_ONCE):
            if len(self._acts) <= MOST_WAITING and not self._is_late():
                return
            self.write_one()

    def _is_late(self) -> bool:
        return bool(self._ended_s) and self._monotonic() - self._ended_s[0] > LATE_S

    def write_one(self, checks: bool = True) -> bool:
        """Do what has waited the longest; False when nothing waits."""
        with self._released():  # another thread may be writing, and need the lock of this one for it
            self._turn.acquire()
        try:
            if not self._acts:
                return False
            oldest = self._acts[0]
            self._write(oldest, checks)
            with self._lock:
                self._acts.popleft()  # not before: who comes meanwhile waits behind it
                if oldest.ended_s is not None:
                    self._ended_s.popleft()
                self._free(oldest.place)
            return True
        finally:
            self._turn.release()

    def write_all(self, checks: Callable[[], bool] = lambda: True) -> None:
        """Write every entry that waits now; once `checks` says False the rest without their check."""
        for _ in range(len(self._acts)):
            if not self.write_one(checks()):
                return

    @staticmethod
    def _write(act: _Act, checks: bool) -> None:
        try:
            act.write(checks)
        except Exception:
            _LOG.exception("a journal entry failed")
