"""The album: looks at pictures, each held once however many calls showed the picture. Thread-safe.

The journal holds and releases them; what nobody holds stays as long as there is room, so that a
picture seen again after a reset costs nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import nullcontext
from dataclasses import dataclass

from volcv_mock._util.gil_gate import Gate
from volcv_mock.journal.thumbnails import Thumbnail, ThumbnailSource

THUMBNAIL_BYTES = 500
"""What a look weighs beside its thumbnail: the objects and their names (measured)."""


@dataclass(slots=True)
class _Page:
    thumbnail: Thumbnail
    holders: int = 0

    @property
    def size_bytes(self) -> int:
        return THUMBNAIL_BYTES + len(self.thumbnail.thumbnail)


class ThumbnailCache:
    """Looks by name."""

    def __init__(self, pixels: Gate = nullcontext) -> None:
        self._pixels = pixels
        self._pages: dict[Hashable, _Page] = {}
        self._idle: OrderedDict[Hashable, None] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    def thumbnail(self, source: ThumbnailSource) -> Thumbnail:
        """The look of that name, made when it is not known."""
        known = self.known(source.name)
        if known:
            return known
        with self._pixels():
            return source.make()

    def known(self, name: Hashable) -> Thumbnail | None:
        page = self._pages.get(name)
        return page.thumbnail if page else None

    def hold(self, name: Hashable, thumbnail: Thumbnail) -> None:
        """One more call showed it."""
        with self._lock:
            if name not in self._pages:
                self._pages[name] = _Page(thumbnail)
                self._held_bytes += self._pages[name].size_bytes
            self._pages[name].holders += 1
            self._idle.pop(name, None)

    def release(self, name: Hashable) -> None:
        """One call fewer."""
        with self._lock:
            page = self._pages[name]
            page.holders -= 1
            if not page.holders:
                self._idle[name] = None

    def shrink(self, budget_bytes: int) -> None:
        """Drop what nobody holds, the longest idle first, until the rest fits or only held ones are left."""
        with self._lock:
            while self._idle and self._held_bytes > budget_bytes:
                name, _ = self._idle.popitem(last=False)
                self._held_bytes -= self._pages.pop(name).size_bytes
