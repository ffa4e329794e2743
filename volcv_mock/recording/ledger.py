"""The budget: a file that every paid call is written to before it is sent.

Append-only lines of JSON under a lock, so that xdist workers and reruns of the same day share one
budget. A call is taken before the send and given back only when its refusal was seen.
"""

from __future__ import annotations

import codecs
import datetime as dt
import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from .lock import lock

Today = Callable[[], dt.date]


def today_utc() -> dt.date:
    """Budgets change at midnight UTC, whatever the time zone of the machine."""
    return dt.datetime.now(dt.UTC).date()


class BudgetSpent(Exception):
    """The next call would be one too many. Nothing was sent."""

    def __init__(self, spent: int, limit: int, case_id: str) -> None:
        super().__init__(f"{spent} of {limit} paid calls are spent today; {case_id} was not sent")


class BudgetMissing(Exception):
    """A paid target without a budget, or with a ledger that cannot be read: nothing is sent."""


class Budget(Protocol):
    """Counts paid calls, before each is sent."""

    def take(self, case_id: str, digest: str) -> dt.date:
        """Count one paid call, or raise BudgetSpent."""

    def give_back(self, case_id: str, digest: str, seen: str, day: dt.date | None = None) -> None:
        """It cost nothing."""

    def note(self, case_id: str, digest: str, seen: str) -> None:
        """What became of a call that stays spent."""

    def spent(self) -> int:
        """The paid calls of today."""


@dataclass
class Ledger:
    """`limit` paid calls a day (UTC), counted in `path`. A missing file counts as nothing spent: see `was_missing`."""

    path: Path
    limit: int
    today: Today = today_utc

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise BudgetMissing("a paid target needs --budget N, at least 1; --plan shows what N calls would do")
        self.was_missing = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._read_to, self._lines = 0, 0
        self._by_day: dict[str, int] = {}

    def take(self, case_id: str, digest: str) -> dt.date:
        """Write one paid call down, or refuse it. Gives the day it was counted on."""
        with self._locked() as file:
            spent = self._spent(file)
            if spent + 1 > self.limit:
                raise BudgetSpent(spent, self.limit, case_id)
            return self._append(file, case_id, digest, 1, "sent")

    def give_back(self, case_id: str, digest: str, seen: str, day: dt.date | None = None) -> None:
        """The refusal was seen: the call cost nothing, as far as anyone knows.

        It returns to the day it was taken from: one that crossed midnight must not enlarge tomorrow's budget.
        """
        with self._locked() as file:
            self._append(file, case_id, digest, -1, seen, day)

    def note(self, case_id: str, digest: str, seen: str) -> None:
        """What became of a call that stays spent."""
        with self._locked() as file:
            self._append(file, case_id, digest, 0, seen)

    def spent(self) -> int:
        """The paid calls of today, those of other processes included."""
        with self._locked() as file:
            return self._spent(file)

    def _spent(self, file: BinaryIO) -> int:
        """The sum of today. Only what was added since the last look is read: a year of lines is read once."""
        self._read_on(file)
        return self._by_day.get(self.today().isoformat(), 0)

    def _read_on(self, file: BinaryIO) -> None:
        if file.seek(0, os.SEEK_END) < self._read_to:
            self._read_to, self._lines, self._by_day = 0, 0, {}
        file.seek(self._read_to)
        added = file.read()
        if not self._read_to:
            added = added.removeprefix(codecs.BOM_UTF8)  # editors on Windows begin a file with it, an empty one too
        for line in added.splitlines():
            self._lines += 1
            if line.strip():
                date, paid = _row(line, self._lines, str(self.path))
                self._by_day[date] = self._by_day.get(date, 0) + paid
        self._read_to = file.tell()

    def _append(
        self, file: BinaryIO, case_id: str, digest: str, paid: int, outcome: str, day: dt.date | None = None
    ) -> dt.date:
        day = day or self.today()
        row = {"date": day.isoformat(), "case": case_id, "request": digest, "paid": paid, "outcome": outcome}
        end = file.seek(0, os.SEEK_END)
        try:
            line = self._line_end_missing(file) + json.dumps(row).encode() + b"\n"
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "the line was written in part")
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)  # a full disk may have taken half a line, which nobody could read
            raise
        return day

    def _line_end_missing(self, file: BinaryIO) -> bytes:
        """The line end that an editor left out at the end of the file, without which two lines would be one."""
        end = file.seek(0, os.SEEK_END)
        if not end:
            return b""
        file.seek(max(0, end - len(codecs.BOM_UTF8)))
        last = file.read()
        return b"" if last.endswith((b"\n", codecs.BOM_UTF8)) else b"\n"

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        with self.path.open("a+b", buffering=0) as file:
            lock(file)
            yield cast(BinaryIO, file)


def _row(line: bytes, number: int, name: str) -> tuple[str, int]:
    """The date and the count of a line. What cannot be read might be a call: nothing is sent on a guess."""
    try:
        row = json.loads(line)
        return str(row["date"]), int(row["paid"])
    except (ValueError, KeyError, TypeError) as error:
        raise BudgetMissing(f"line {number} of the ledger {name} is damaged; fix it or start a new ledger") from error
