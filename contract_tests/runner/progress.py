"""How far a run is, on standard error: a bar in a terminal, else a line for each tenth, as a CI log needs."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 30
TENTHS = 10


@dataclass
class Progress:
    """Called after each case. It never ends a run: what cannot be written is left out."""

    stream: TextIO | None = field(default_factory=lambda: sys.stderr)
    _printed: int = 0

    def __call__(self, done: int, planned: int, case_id: str) -> None:
        """`done` of `planned` cases are over; the last was `case_id`."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if self.stream is not None:
                self._print(self.stream, done, planned, case_id)

    def _print(self, stream: TextIO, done: int, planned: int, case_id: str) -> None:
        if stream.isatty():
            stream.write(f"\r{bar(done, planned)} {case_id:.40}\x1b[K" + ("\r\x1b[K" if done == planned else ""))
            stream.flush()
        elif done * TENTHS // planned > self._printed:
            self._printed = done * TENTHS // planned
            stream.write(f"{done} of {planned} cases\n")
            stream.flush()


def bar(done: int, planned: int) -> str:
    """ "[######........] 12/61"."""
    full = WIDTH * done // max(1, planned)
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {done}/{planned}"
