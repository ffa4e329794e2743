"""The condition of a mock: which phase of its life it is in, and what is wrong with the way it is run."""

from __future__ import annotations

from typing import Literal

Phase = Literal["starting", "ready", "draining"]

SEVERAL_PROCESSES = (
    "several processes serve this address, and each has its own rules, quotas, calls, clock and pictures:"
    " a client gets the answers of different mocks; serve with one process (docs/operating.md)"
)


class Condition:
    """`phase` is set by the server that serves the mock. An app under a foreign WSGI server is always ready."""

    def __init__(self) -> None:
        self.phase: Phase = "ready"
        self._warnings: dict[str, None] = {}

    @property
    def warnings(self) -> list[str]:
        """Every warning, in the order in which they were found."""
        return list(self._warnings)

    def add(self, warning: str) -> bool:
        """Keep a warning; False when it was known."""
        is_new = warning not in self._warnings
        self._warnings[warning] = None
        return is_new
