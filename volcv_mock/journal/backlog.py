"""Journal entries that are written after their answers left: of calls that an upstream answered.

What the mock itself would have said of such a call takes longer than to pass it on. So its request is checked, and its
entry written, when the server pauses, or when somebody reads the journal; entries keep the order of their answers.

The requests wait in a file, not in memory. At most MOST_BYTES and MOST_CALLS wait; above that, or where no file can be
written, a call is checked before it is passed on.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from typing import BinaryIO, cast

from volcv_mock._util.frozen import frozen, mutable
from volcv_mock._util.gil_gate import Gate

_LOG = logging.getLogger("volcv_mock.journal")
MOST_BYTES, MOST_CALLS = 64_000_000, 2048

Write = Callable[[bool], None]
"""Writes an entry; without the check when given False."""


@frozen
class Place:
    """Where a request waits."""

    start: int
    size_bytes: int


@mutable
class _Waiting:
    """An entry to write, and what to do then, once its delivery is over. `place` is that of its request, if it has one
    to free."""

    write: Write
    place: Place | None
    end: Callable[[], None] | None = None


class Backlog:
    """Only a server that calls `write_one` in its pauses opens it. Thread-safe; `aside` is that of the GilGate."""

    def __init__(self, aside: Gate = nullcontext) -> None:
        self.is_open = False
        self._aside = aside
        self._waiting: OrderedDict[Hashable, _Waiting] = OrderedDict()
        self._file: BinaryIO | None = None
        self._end = self._taken = 0
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # held while an entry is written: they keep their order

    def __len__(self) -> int:
        return len(self._waiting)

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

    def add(self, arrival: Hashable, write: Write, place: Place | None = None) -> None:
        """Let an entry wait, and the request that was kept for it."""
        with self._lock:
            self._waiting[arrival] = _Waiting(write, place)

    def in_turn(self, arrival: Hashable, write: Callable[[], None]) -> None:
        """Write an entry now, or behind those that wait."""
        if 0 < len(self._waiting) < MOST_CALLS:
            self.add(arrival, lambda _: write())
            return
        self.write_all()
        write()

    def ended(self, arrival: Hashable, end: Callable[[], None]) -> bool:
        """Call `end` after that entry was written; False when it does not wait."""
        with self._lock:
            waiting = self._waiting.get(arrival)
            if waiting is None:
                return False
            waiting.end = end
            return True

    def write_one(self, checks: bool = True) -> bool:
        """Write the oldest entry; False when none waits."""
        with self._aside():  # another thread may be writing, and need the lock of this one for it
            self._turn.acquire()
        try:
            arrival, oldest = next(iter(self._waiting.items()), (None, None))
            if oldest is None:
                return False
            self._write(oldest, checks)
            with self._lock:
                del self._waiting[arrival]
                self._free(oldest.place)
            if oldest.end:
                oldest.end()
            return True
        finally:
            self._turn.release()

    def write_all(self, checks: Callable[[], bool] = lambda: True) -> None:
        """Write every entry that waits now; once `checks` says False the rest without their check."""
        for _ in range(len(self._waiting)):
            if not self.write_one(checks()):
                return

    @staticmethod
    def _write(waiting: _Waiting, checks: bool) -> None:
        try:
            waiting.write(checks)
        except Exception:
            _LOG.exception("a journal entry failed")
