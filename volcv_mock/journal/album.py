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

from volcv_mock.journal.thumbnails import Look, Sight
from volcv_mock.lanes import Lane

LOOK_BYTES = 500
"""What a look weighs beside its thumbnail: the objects and their names (measured)."""


@dataclass(slots=True)
class _Page:
    look: Look
    holders: int = 0

    @property
    def size_bytes(self) -> int:
        return LOOK_BYTES + len(self.look.thumbnail)


class Album:
    """Looks by name."""

    def __init__(self, pixels: Lane = nullcontext) -> None:
        self._pixels = pixels
        self._pages: dict[Hashable, _Page] = {}
        self._idle: OrderedDict[Hashable, None] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    def look(self, sight: Sight) -> Look:
        """The look of that name, made when it is not known."""
        known = self.known(sight.name)
        if known:
            return known
        with self._pixels():
            return sight.make()

    def known(self, name: Hashable) -> Look | None:
        page = self._pages.get(name)
        return page.look if page else None

    def hold(self, name: Hashable, look: Look) -> None:
        """One more call showed it."""
        with self._lock:
            if name not in self._pages:
                self._pages[name] = _Page(look)
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
