"""Thumbnails by name, each kept once, however many calls sent the picture. Thread-safe.

The journal holds and releases them. Those that nothing holds stay as long as there is room, so that a
picture that is sent again after a reset is not decoded again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from contextlib import nullcontext

from volcv_mock._util.frozen import mutable
from volcv_mock._util.gil_gate import Gate
from volcv_mock.journal.thumbnails import Thumbnail, ThumbnailSource, thumbnail_sources
from volcv_mock.model import Painted, Picture

THUMBNAIL_BYTES = 500
"""Memory that an entry takes beside its JPEG: the objects and their names (measured)."""


@mutable
class _Slot:
    thumbnail: Thumbnail
    holders: int = 0

    @property
    def size_bytes(self) -> int:
        return THUMBNAIL_BYTES + len(self.thumbnail.thumbnail)


class ThumbnailCache:
    """Thumbnails by name."""

    def __init__(self, pixels: Gate = nullcontext) -> None:
        self._pixels = pixels
        self._slots: dict[Hashable, _Slot] = {}
        self._idle: OrderedDict[Hashable, None] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """Bytes of the thumbnails in the cache."""
        return self._held_bytes

    def thumbnail(self, source: ThumbnailSource) -> Thumbnail:
        """The thumbnail of that name; made now when it is not in the cache."""
        known = self.known(source.name)
        if known:
            return known
        with self._pixels():
            return source.make()

    def seen(self, pictures: tuple[Picture | Painted, ...]) -> tuple[dict[str, Thumbnail], dict[str, Hashable]]:
        """The thumbnails of a call's pictures, and their names, both by role. Holds none."""
        found = thumbnail_sources(pictures)
        return {source.role: self.thumbnail(source) for source in found}, {each.role: each.name for each in found}

    def known(self, name: Hashable) -> Thumbnail | None:
        """The thumbnail of this name, or None if it is not made yet or was evicted."""
        slot = self._slots.get(name)
        return slot.thumbnail if slot else None

    def hold(self, name: Hashable, thumbnail: Thumbnail) -> None:
        """One more call uses it."""
        with self._lock:
            if name not in self._slots:
                self._slots[name] = _Slot(thumbnail)
                self._held_bytes += self._slots[name].size_bytes
            self._slots[name].holders += 1
            self._idle.pop(name, None)

    def release(self, name: Hashable) -> None:
        """One call fewer uses it."""
        with self._lock:
            slot = self._slots[name]
            slot.holders -= 1
            if not slot.holders:
                self._idle[name] = None

    def hold_all(self, pictures: tuple[Picture | Painted, ...]) -> tuple[Hashable, ...]:
        """Make and hold the thumbnails of a call's pictures. Returns their names, for `release_all`."""
        found = thumbnail_sources(pictures)
        for source in found:
            self.hold(source.name, self.thumbnail(source))
        return tuple(source.name for source in found)

    def release_all(self, names: Iterable[Hashable]) -> None:
        """One call fewer uses each of them."""
        for name in names:
            self.release(name)

    def shrink(self, budget_bytes: int) -> None:
        """Evict thumbnails that nothing holds, the longest unused first, until the rest fits."""
        with self._lock:
            while self._idle and self._held_bytes > budget_bytes:
                name, _ = self._idle.popitem(last=False)
                self._held_bytes -= self._slots.pop(name).size_bytes
