"""Counts the bytes of objects that several owners hold; each object counts once."""

from __future__ import annotations


class SharedBytes:
    """The total size of the bytes objects in use. Not thread-safe: its owner has a lock."""

    def __init__(self) -> None:
        self._owners: dict[int, int] = {}
        self.held_bytes = 0

    def add(self, data: bytes) -> None:
        """One more owner of `data`, which must stay alive until `remove`."""
        owners = self._owners.get(id(data), 0)
        self._owners[id(data)] = owners + 1
        self.held_bytes += 0 if owners else len(data)

    def remove(self, data: bytes) -> None:
        """One owner less."""
        self._owners[id(data)] -= 1
        if not self._owners[id(data)]:
            del self._owners[id(data)]
            self.held_bytes -= len(data)

    def added_by(self, pieces: tuple[bytes, ...]) -> int:
        """How many bytes these would add."""
        return sum(len(data) for key, data in {id(data): data for data in pieces}.items() if key not in self._owners)
