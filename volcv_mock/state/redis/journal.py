"""The journal of all processes. An entry is opened before the first byte of its answer, and closed by the writer.

Thumbnails are made and cached here; Redis has each once, with the number of calls that hold it. Every query reads
Redis, after what this process still has to write.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import lru_cache, partial
from itertools import dropwhile
from threading import Lock
from typing import Any

from volcv_mock._util.frozen import mutable
from volcv_mock._util.gil_gate import Gate
from volcv_mock.delivery import Delivered, Writing
from volcv_mock.journal import ATTEMPTS, KEPT_BYTES, MAX_IN_FLIGHT, TOLD_BYTES, add_seen
from volcv_mock.journal.entries import WAITING, Entry
from volcv_mock.journal.thumbnail_cache import ThumbnailCache
from volcv_mock.journal.thumbnails import Thumbnail
from volcv_mock.model import EVERY_SCOPE, Painted, Picture
from volcv_mock.state import StateUnavailable, Write
from volcv_mock.state.redis.attempts import attempt_text, retry_in
from volcv_mock.state.redis.callbacks import RedisCallbacks
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.openings import Openings, ScriptCall
from volcv_mock.state.redis.statements import RedisStatements
from volcv_mock.state.redis.texts import digest_of, from_json, text_of
from volcv_mock.state.redis.writer import Writer

CACHE_BYTES = 4_000_000
"""Thumbnails that this process keeps beside Redis, so that a repeated picture is not decoded again."""
MOST_KNOWN = 4096
"""Names of thumbnails of which this process believes that Redis has them."""
AT_ONCE = 200
LOST = "lost"


@mutable
class Open:
    """A call whose answer is in flight: the entry itself while it is small, else packed."""

    name: str
    told: Entry | None
    packed: bytes
    writing: Writing | None = None

    def entry(self) -> Entry:
        """The entry as it was opened."""
        return self.told or Entry.unpacked(self.packed)


class RedisJournal:
    """Every method may be called from any thread; `close` never waits. `living` gives the processes that are alive."""

    def __init__(
        self, connections: RedisConnections, writer: Writer, openings: Openings, replica: str, budget_bytes: int,
        living: Callable[[], frozenset[str]], pixels: Gate = nullcontext,
    ) -> None:  # fmt: skip
        self._budget_bytes = budget_bytes
        self.callbacks = RedisCallbacks(connections)
        self.statements = RedisStatements(connections)
        self.began = ""
        self._connections = connections
        self._writer = writer
        self._openings = openings
        self._replica = replica
        self._living = living
        self._cache = ThumbnailCache(pixels)
        self._sent: OrderedDict[str, None] = OrderedDict()
        self._in_flight: OrderedDict[Hashable, Open] = OrderedDict()
        self._evicted = self._lost = 0
        self._lock = Lock()

    @property
    def budget_bytes(self) -> int:
        """The most bytes of calls and thumbnails."""
        return self._budget_bytes

    @property
    def held_bytes(self) -> int:
        """Bytes of entries and thumbnails, of all processes."""
        return self._number("bytes")

    @property
    def evicted(self) -> int:
        """How many entries were evicted, by any process; the last known number while Redis is away."""
        with suppress(StateUnavailable):
            self._evicted = self._number("evicted")
        return self._evicted

    @property
    def lost(self) -> int:
        """Of how many calls the end could not be written, by any process; the last known number while Redis is away."""
        with suppress(StateUnavailable):
            self._lost = self._number("lost")
        return self._lost + self._writer.lost

    @property
    def waiting(self) -> int:
        """How many calls of this process are decided and not delivered yet."""
        return len(self._in_flight)

    def prepare(self, sources: tuple[Picture | Painted, ...]) -> tuple[Hashable, ...]:
        """Make the thumbnails of an entry that is opened later, when its pictures are gone."""
        return self._cache.hold_all(sources) if self._budget_bytes else ()

    def release(self, prepared: Iterable[Hashable]) -> None:
        """The entry holds its thumbnails itself now, or is not opened."""
        self._cache.release_all(prepared)
        self._cache.shrink(CACHE_BYTES)

    def open(
        self, entry: Entry, arrival: Hashable = None, along: Sequence[Write] = (), *, may_wait: bool = False
    ) -> Writing | None:
        """Add an entry when its reply is decided, before the first byte of the answer, and in the same round trip what
        is written along with it. With `may_wait` that is done soon, and what this returns has the problem; else raises
        StateUnavailable."""
        seen, names = self._seen(entry)
        local = arrival or entry.id
        packed = entry.packed()
        name = f"{self._replica}:{local}"
        told = entry if len(packed) <= TOLD_BYTES else None
        opened = Open(name, told, b"" if told else packed)
        writes = [*along]
        if self._budget_bytes:
            pictures = {names[role]: seen[role] for role in names}
            writes.append(Write(self._opening(entry, name, packed, pictures), partial(self._written, pictures)))
        if not writes:
            self._hold(local, opened)
            return None
        calls = [each.call for each in writes]
        if may_wait:
            opened.writing = writing = Writing()
            self._hold(local, opened)
            self._openings.add(calls, partial(_ended, writing, writes))
            return writing
        _end(writes, self._connections.run(calls))
        self._hold(local, opened)
        return None

    def drop(self, arrival: Hashable) -> None:
        """Forget an entry that could not be written."""
        with self._lock:
            self._in_flight.pop(arrival, None)

    def close(self, arrival: Hashable, facts: Delivered) -> Entry | None:
        """Complete an entry when its delivery is over, and return it; None when it was not open."""
        with self._lock:
            opened = self._in_flight.pop(arrival, None)
        if opened is None:
            return None
        entry = opened.entry().end(facts)
        if self._budget_bytes:
            ending, has_head = facts.ending.encode(), b"true" if facts.has_head else b"false"
            times = (round(facts.delay_s, 6), ending, facts.sent_bytes, has_head, round(facts.sending_s, 6))
            closing = b'[%r,"%b",%d,%b,%r]' % times  # JSON by hand, too
            attempt = attempt_text(entry, entry.time_s + facts.ended_after_s)
            write = partial(self._writer.add, "close", entry.scope, entry.id, opened.name, closing, entry.attempt,
                            attempt)  # fmt: skip
            if opened.writing:  # over, unless the client left at once
                opened.writing.when_over(write)
            else:
                write()
        return entry

    def get(self, call_id: str) -> Entry | None:
        """The call with this id, or None if it is unknown or was evicted."""
        self._flush()
        row = self._connections.script("call", call_id)
        return self._read(row, self._living()) if row else None

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
        """The calls of a scope, oldest first; with a limit the newest ones."""
        found: list[Entry] = []
        for entry in self.newest_first(scope, since):
            if limit is not None and len(found) >= limit:
                break
            is_wanted = req_key in (None, entry.req_key) and trace in (None, entry.trace_id)
            if is_wanted and (code is None or str(code) in map(str, entry.received_codes)):
                found.append(entry)
        return tuple(reversed(found))

    def newest_first(
        self, scope: str = "default", since: float | str | None = None, before: str | None = None
    ) -> Iterator[Entry]:
        """The calls of a scope, newest first, some at a time."""
        found = self._newest_first(scope, since)
        if before is not None:
            found = dropwhile(lambda entry: entry.id != before, found)
            next(found, None)
        return iter(found)

    def counted(self, scopes: Iterable[str]) -> Mapping[str, int]:
        """How many calls of each scope are kept."""
        self._flush()
        names = list(scopes)
        return dict(zip(names, map(int, self._connections.script("calls_count", *names)), strict=True))

    def thumbnail(self, call_id: str, role: str) -> bytes | None:
        """A small JPEG of the call's picture, mask or result."""
        row = self._connections.script("call", call_id)
        entry = self._read(row, frozenset()) if row else None
        if entry is None or role not in entry.thumbnails:
            return None
        names = text_of(row[3]).split("\n")[3].split(",")
        name = names[list(entry.thumbnails).index(role)]
        data: bytes | None = self._connections.command("HGET", self._connections.key("th"), name)
        return data or None

    def clear(self, scope: str = EVERY_SCOPE) -> int:
        """Remove a scope's entries; returns how many."""
        self._flush()
        return int(self._connections.script("calls_clear", scope))

    def was_emptied(self) -> None:
        """Redis was emptied: it has no thumbnail any more."""
        self._sent.clear()

    def _flush(self) -> None:
        """Write what this process still has to write."""
        self._openings.flush_if_any()
        self._writer.flush_if_any()

    def _seen(self, entry: Entry) -> tuple[Mapping[str, Thumbnail], dict[str, str]]:
        """The thumbnails of an entry by their role, and the names under which Redis has those that show something."""
        if not entry.sources:
            return {}, {}
        seen, names = self._cache.seen(entry.sources if self._budget_bytes else ())
        add_seen(entry, seen, names)
        for role, name in names.items():
            self._cache.hold(name, seen[role])
        self.release(names.values())  # they stay in the cache as long as there is room
        return seen, {role: _named(name) for role, name in names.items() if seen[role].thumbnail}

    def _hold(self, arrival: Hashable, opened: Open) -> None:
        with self._lock:
            self._in_flight[arrival] = opened
            if len(self._in_flight) > MAX_IN_FLIGHT:
                self._in_flight.popitem(last=False)

    def _opening(self, entry: Entry, name: str, packed: bytes, pictures: Mapping[str, Thumbnail]) -> ScriptCall:
        """The script that opens an entry."""
        pairs: list[Any] = []
        for each, thumbnail in pictures.items():
            pairs += [each, b"" if each in self._sent else thumbnail.thumbnail]
            self._sent[each] = None
            if len(self._sent) > MOST_KNOWN:
                self._sent.popitem(last=False)
        return "open", (
            entry.scope, entry.id, name, packed, KEPT_BYTES + len(packed), entry.attempt, attempt_text(entry, None),
            self._budget_bytes, ATTEMPTS, *pairs,
        )  # fmt: skip

    def _written(self, pictures: Mapping[str, Thumbnail], missing: list[bytes]) -> None:
        """The script names the thumbnails that Redis does not have."""
        for each in missing:
            self._connections.script("thumbnail_put", each, pictures[text_of(each)].thumbnail)

    def _newest_first(self, scope: str, since: float | str | None) -> Iterator[Entry]:
        self._flush()
        living, first = self._living(), 0
        last_id = since if isinstance(since, str) and self._connections.script("call", since) else None
        while rows := self._connections.script("calls", scope, first, first + AT_ONCE - 1):
            for row in rows:
                entry = self._read(row, living)
                if entry and entry.id == last_id:
                    return
                if entry and not (isinstance(since, float | int) and entry.time_s < since):
                    yield entry
            first += AT_ONCE

    def _read(self, row: list[bytes], living: frozenset[str]) -> Entry | None:
        """None for bytes that this version did not write: they are never interpreted as anything but JSON."""
        try:
            entry = Entry.unpacked(row[0])
            entry.retry = retry_in(entry, row[2])
            if row[1]:
                return entry.end(Delivered(*from_json(row[1])))
        except (ValueError, TypeError):
            return None
        owner = text_of(row[3]).partition(":")[0]
        if living and owner not in living and entry.client == WAITING:
            entry.client = LOST
        return entry

    def _number(self, name: str) -> int:
        return int(self._connections.command("HGET", self._connections.key("jn"), name) or 0)


@lru_cache(MOST_KNOWN)
def _named(name: Hashable) -> str:
    """The name of a thumbnail in Redis."""
    return digest_of(repr(name).encode())


def _end(writes: Sequence[Write], found: Sequence[Any]) -> None:
    for write, result in zip(writes, found, strict=True):
        write.ended(result)


def _ended(writing: Writing, writes: Sequence[Write], found: Sequence[Any], problem: str) -> None:
    """The entry of an answer that waits was written, or not."""
    try:
        if not problem:
            _end(writes, found)
    except StateUnavailable as error:
        problem = str(error)
    finally:
        writing.end(problem)
