"""A stream whose writer never waits: lines go to a thread, and are counted as lost when nobody reads the other end.

`serve` logs through it. Answers are delivered in one loop, and a pipe that its owner does not read (a
test harness that starts the mock and forgets its standard error) would stop them all.
"""

from __future__ import annotations

import os
import threading
from collections import deque

MOST_LINES = 5_000
GATHER_S = 0.02
"""How long lines are gathered: woken for each of a crowd's, the thread takes the lock from the loop each time."""


class BackgroundWriter:
    """Like a text stream: `write` and `flush`. Writes to a file descriptor, as an interpreter that ends while a
    thread waits inside `sys.stderr` aborts."""

    def __init__(self, descriptor: int, most_lines: int = MOST_LINES) -> None:
        self._descriptor = descriptor
        self._most_lines = most_lines
        self._lines: deque[str] = deque()
        self._lost = 0
        self._closed = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._carry, name="volcv-mock log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        with self._changed:
            if len(self._lines) < self._most_lines:
                self._lines.append(text)
                if len(self._lines) == 1:
                    self._changed.notify()
            else:
                self._lost += 1
        return len(text)

    def flush(self) -> None:
        """What was written leaves by itself."""

    def close(self, within_s: float) -> None:
        """Let go what is still here, for a while; a reader who does not read cannot hold the end."""
        with self._changed:
            self._closed.set()
            self._changed.notify()
        self._thread.join(within_s)

    def _carry(self) -> None:
        while text := self._next():
            try:
                _write_all(self._descriptor, text.encode("utf-8", "backslashreplace"))
            except OSError:  # closed: its reader is gone, and so are the lines
                continue

    def _next(self) -> str:
        """All that waits, as one text; "" at the end."""
        with self._changed:
            while not (self._lines or self._closed.is_set()):
                self._changed.wait()
        self._closed.wait(GATHER_S)
        with self._changed:
            texts = list(self._lines)
            self._lines.clear()
            if self._lost:
                texts.append(f"volcv-mock: {self._lost} lines lost, standard error was not read\n")
                self._lost = 0
            return "".join(texts)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
