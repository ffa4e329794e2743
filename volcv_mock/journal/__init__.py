"""The journal: one entry per call, for all scopes, bounded by bytes; the oldest entries are evicted first.

An entry is kept packed, which takes a tenth of the memory of its objects. A thumbnail is kept once per picture,
however many calls sent it. Parallel tests share the budget and see only their own entries: every query names a
scope, or "*" for all.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import field
from functools import lru_cache
from itertools import dropwhile
from typing import Any

from volcv_mock import contract
from volcv_mock._util.frozen import mutable
from volcv_mock._util.gil_gate import Gate
from volcv_mock.delivery import Delivered
from volcv_mock.journal.callbacks import CallbackEntry, CallbackJournal
from volcv_mock.journal.entries import Entry
from volcv_mock.journal.entry_of_call import entry_of, without_middle
from volcv_mock.journal.statements import Statements
from volcv_mock.journal.thumbnail_cache import ThumbnailCache
from volcv_mock.journal.thumbnails import Thumbnail
from volcv_mock.model import EVERY_SCOPE, Painted, Picture

__all__ = ["ATTEMPTS", "KEPT_BYTES", "MAX_IN_FLIGHT", "TOLD_BYTES", "CallbackEntry", "Entry", "Journal",
           "Kept", "add_seen", "entry_of", "retry_of", "without_middle"]  # fmt: skip

KEPT_BYTES = 900
"""Memory that an entry takes beside its packed members: the object, its names, its table slots (measured)."""

TOLD_BYTES = 4096
"""An entry packed into at most so much is also held as objects while its answer is out: about three times as much,
counted in no budget."""

ATTEMPTS = 4096
"""Requests whose last attempt is remembered, to recognise a retry and the pause before it."""

MAX_IN_FLIGHT = 65_536
"""Most answers in flight; beyond it the oldest are dropped from the table."""


@mutable
class Kept:
    """An entry as it is kept. `arrival` identifies it among others of its id; the code filter reads `codes`.

    `told` is the entry itself while its answer is in flight, unless it is large: the log needs it at the end.
    """

    id: str
    arrival: Hashable
    scope: str
    time_s: float
    req_key: str
    codes: tuple[str, ...]
    attempt: str
    trace_id: str
    packed: bytes = field(repr=False)
    thumbnails: Mapping[str, Hashable]
    told: Entry | None = field(repr=False)
    ending: Delivered | None = None

    @property
    def size_bytes(self) -> int:
        """What this entry counts against the journal's budget."""
        return KEPT_BYTES + len(self.packed) + len(self.trace_id)

    def entry(self) -> Entry:
        """The entry as it is now, with its delivery if that has ended."""
        entry = Entry.unpacked(self.packed)
        return entry.end(self.ending) if self.ending else entry


@mutable
class Attempt:
    """The last attempt at one request; `ended_s` is set when its delivery is over."""

    call_id: str
    arrival: Hashable
    code: int | str | None
    status: int | None
    started_s: float
    ended_s: float | None = None


class Journal:
    """Every method may be called from any thread."""

    def __init__(self, budget_bytes: int, pixels: Gate = nullcontext) -> None:
        self.budget_bytes = budget_bytes
        self.began = ""
        self.lost = 0
        self.callbacks = CallbackJournal()
        self.statements = Statements()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._in_flight: OrderedDict[Hashable, Kept] = OrderedDict()
        self._attempts: OrderedDict[tuple[str, str], Attempt] = OrderedDict()
        self._thumbnail_cache = ThumbnailCache(pixels)
        self._kept_bytes = 0
        self._evicted = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """Bytes of entries and thumbnails."""
        return self._kept_bytes + self._thumbnail_cache.held_bytes

    @property
    def waiting(self) -> int:
        """How many calls are decided and not delivered yet."""
        return len(self._in_flight)

    @property
    def evicted(self) -> int:
        """How many entries were evicted since the start."""
        return self._evicted

    def __len__(self) -> int:
        return len(self._kept)

    def prepare(self, sources: tuple[Picture | Painted, ...]) -> tuple[Hashable, ...]:
        """Make the thumbnails of an entry that is opened later, when its pictures are gone. Gives what to `release`."""
        return self._thumbnail_cache.hold_all(sources) if self.budget_bytes else ()

    def release(self, prepared: Iterable[Hashable]) -> None:
        """The entry holds its thumbnails itself now, or is not opened."""
        self._thumbnail_cache.release_all(prepared)

    def open(
        self, entry: Entry, arrival: Hashable = None, along: Sequence[object] = (), *, may_wait: bool = False
    ) -> None:
        """Add an entry when its reply is decided; `close` finds it by `arrival`, by default its id. Never waits.

        The journal completes the entry and drops its pictures. Thumbnails are made outside the lock.
        """
        seen: Mapping[str, Thumbnail] = {}
        thumbnails: Mapping[str, Hashable] = {}
        if entry.sources:  # a refusal of the gate has none
            seen, thumbnails = self._thumbnail_cache.seen(entry.sources if self.budget_bytes else ())
            add_seen(entry, seen, thumbnails)
        arrival = arrival or entry.id
        with self._lock:
            entry.retry = self._retry(entry, arrival)
            self._keep(_kept(entry, arrival, thumbnails), seen)

    def drop(self, arrival: Hashable) -> None:
        """Nothing to do: every entry could be added."""

    def close(self, arrival: Hashable, facts: Delivered) -> Entry | None:
        """Complete an entry when its delivery is over, and return it; None when it was not open."""
        with self._lock:
            kept = self._in_flight.pop(arrival, None)
            if kept is None:
                return None
            told, kept.told, kept.ending = kept.told, None, facts
        entry = told.end(facts) if told else kept.entry()
        with self._lock:
            if not entry.has_arrived:
                kept.codes = ()
            attempt = self._attempts.get((kept.scope, kept.attempt))
            if attempt and attempt.arrival == arrival:
                attempt.ended_s = attempt.started_s + facts.ended_after_s
                attempt.code, attempt.status = entry.code, entry.status
        return entry

    def get(self, call_id: str) -> Entry | None:
        """The call with this id, or None if it is unknown or was evicted."""
        kept = self._kept.get(call_id)
        return kept.entry() if kept else None

    def last(self, scope: str = "default") -> Entry | None:
        """The newest call of a scope, or None."""
        newest = self.entries(scope, limit=1)
        return newest[0] if newest else None

    def entries(
        self,
        scope: str = "default",
        *,
        req_key: str | None = None,
        code: int | str | None = None,
        since: float | str | None = None,
        limit: int | None = None,
        trace: str | None = None,
    ) -> tuple[Entry, ...]:
        """The calls of a scope, oldest first; with a limit the newest ones. `since` is an instant of the scope's
        clock, or the id of a call: those after it. `trace` is the id of a client's trace."""
        wanted = [
            kept
            for kept in self._since(since)
            if (scope in (EVERY_SCOPE, kept.scope))
            and (req_key in (None, kept.req_key))
            and (code is None or str(code) in kept.codes)
            and (trace in (None, kept.trace_id))
        ]
        return tuple(kept.entry() for kept in (wanted if limit is None else wanted[max(0, len(wanted) - limit) :]))

    def newest_first(
        self, scope: str = "default", since: float | str | None = None, before: str | None = None
    ) -> Iterator[Entry]:
        """The calls of a scope, newest first, each read when it is asked for. `since` as for `entries`; `before` is
        the id of a call: those that are older."""
        found = reversed(self._since(since))
        if before is not None:
            found = dropwhile(lambda kept: kept.id != before, found)
            next(found, None)
        return (kept.entry() for kept in found if scope in (EVERY_SCOPE, kept.scope))

    def counted(self, scopes: Iterable[str]) -> Mapping[str, int]:
        """How many calls of each of these scopes are kept."""
        with self._lock:
            found = Counter(kept.scope for kept in self._kept.values())
        return {scope: found[scope] for scope in scopes}

    def thumbnail(self, call_id: str, role: str) -> bytes | None:
        """A small JPEG of the call's picture, mask or result."""
        kept = self._kept.get(call_id)
        thumbnail = self._thumbnail_cache.known(kept.thumbnails[role]) if kept and role in kept.thumbnails else None
        return thumbnail.thumbnail or None if thumbnail else None

    def clear(self, scope: str = EVERY_SCOPE) -> int:
        """Remove a scope's entries; returns how many."""
        with self._lock:
            gone = [kept for kept in self._kept.values() if scope in (EVERY_SCOPE, kept.scope)]
            for kept in gone:
                self._drop(kept)
            for name in [name for name in self._attempts if scope in (EVERY_SCOPE, name[0])]:
                del self._attempts[name]
            return len(gone)

    def _since(self, since: float | str | None) -> list[Kept]:
        with self._lock:
            everything = list(self._kept.values())
        if isinstance(since, str):
            ids = [kept.id for kept in everything]
            return everything[ids.index(since) + 1 :] if since in ids else everything
        return everything if since is None else [kept for kept in everything if kept.time_s >= since]

    def _retry(self, entry: Entry, arrival: Hashable) -> dict[str, Any] | None:
        """The attempt before this one, and how long the client waited since its end."""
        name = (entry.scope, entry.attempt)
        before = self._attempts.pop(name, None)
        self._attempts[name] = Attempt(entry.id, arrival, entry.code, entry.status, entry.time_s)
        if len(self._attempts) > ATTEMPTS:
            self._attempts.popitem(last=False)
        return retry_of(entry, before.call_id, before.code, before.status, before.ended_s) if before else None

    def _keep(self, kept: Kept, seen: Mapping[str, Thumbnail]) -> None:
        if kept.id in self._kept:
            self._drop(self._kept[kept.id])
        self._kept[kept.id] = kept
        self._kept_bytes += kept.size_bytes
        for role, name in kept.thumbnails.items():
            self._thumbnail_cache.hold(name, seen[role])
        self._in_flight[kept.arrival] = kept
        if len(self._in_flight) > MAX_IN_FLIGHT:
            self._in_flight.popitem(last=False)[1].told = None
        self._shrink()

    def _shrink(self) -> None:
        self._thumbnail_cache.shrink(self.budget_bytes - self._kept_bytes)
        while self._kept and self.held_bytes > self.budget_bytes:
            self._drop(next(iter(self._kept.values())))
            self._evicted += 1
            self._thumbnail_cache.shrink(self.budget_bytes - self._kept_bytes)

    def _drop(self, kept: Kept) -> None:
        del self._kept[kept.id]
        self._kept_bytes -= kept.size_bytes
        for name in kept.thumbnails.values():
            self._thumbnail_cache.release(name)


def _kept(entry: Entry, arrival: Hashable, thumbnails: Mapping[str, Hashable]) -> Kept:
    packed, codes = entry.packed(), _codes(entry.received_codes)
    return Kept(entry.id, arrival, entry.scope, entry.time_s, entry.req_key, codes, entry.attempt, entry.trace_id,
                packed, thumbnails, entry if len(packed) <= TOLD_BYTES else None)  # fmt: skip


@lru_cache(256)
def _codes(received: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, received)))


def retry_of(
    entry: Entry, call_id: str, code: int | str | None, status: int | None, ended_s: float | None
) -> dict[str, Any] | None:
    """What the journal tells of the attempt before this one, and how long the client waited since its end."""
    if entry.step == "result" and code == contract.success().code:
        return None  # to ask again for a task is no retry
    # never below 0: on a frozen clock the answer's delay does not pass, and a retry may precede the answer's end
    waited_s = None if ended_s is None else max(0.0, round(entry.time_s - ended_s, 6))
    return {"of": call_id, "code": code, "status": status, "waited_s": waited_s}


def add_seen(entry: Entry, seen: Mapping[str, Thumbnail], thumbnails: Mapping[str, Hashable]) -> None:
    """Add what the thumbnails show: the mask's area and box, notes on it, facts of the result."""
    mask, painted = seen.get("mask"), next((each for each in entry.sources if isinstance(each, Painted)), None)
    entry.sources = ()
    entry.thumbnails = [role for role, thumbnail in seen.items() if thumbnail.thumbnail]
    if mask:
        about = {"area": mask.area, "box": mask.box and list(mask.box)}
        entry.pictures = [{**each, **about} if each["role"] == "mask" else each for each in entry.pictures]
        entry.notes = [*entry.notes, *_remarks(mask)]
    if painted:
        digest, size_bytes = str(thumbnails.get("result", "")), painted.size_bytes or len(painted.data)
        facts = {"width": painted.width, "height": painted.height, "size_bytes": size_bytes, "digest": digest}
        entry.result = facts


def _remarks(mask: Thumbnail) -> Iterator[str]:
    """The commonest client error is an inverted mask: white is what gets edited (S1, mask图要求)."""
    if mask.area is not None and mask.area > 0.5:
        yield f"mask perhaps inverted: {mask.area:.0%} of it is white, and white is what gets edited"
    if mask.is_alpha:
        yield "mask perhaps inverted: it equals the picture's alpha channel, so what is opaque gets edited"
    if mask.area == 0.0:
        edge = contract.mask_demands().marked_from
        yield f"mask marks nothing: its lightest value is {mask.lightest}, and values from {edge} count as white"
