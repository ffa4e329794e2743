"""A stream whose writer never blocks: a thread writes the lines, and counts those it had to drop.

`serve` logs through it. Responses are delivered in one event loop, and a full pipe (a test harness that starts the
mock and does not read its standard error) would block them all.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator

MOST_LINES = 5_000
AT_ONCE_BYTES = 4096
"""What Linux writes to a pipe as a whole (PIPE_BUF)."""
GATHER_S = 0.02
"""How long lines are gathered before they are written: each wake-up of the thread takes the GIL from the loop."""


class BackgroundWriter:
    """Like a text stream: `write` and `flush`. Writes to a file descriptor, because an interpreter that exits while a
    thread blocks in `sys.stderr` aborts."""

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
        """Queue a text and return at once; when the queue is full the text is dropped and counted."""
        with self._changed:
            if len(self._lines) < self._most_lines:
                self._lines.append(text)
                if len(self._lines) == 1:
                    self._changed.notify()
            else:
                self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Nothing to do: the thread writes what is there."""

    def close(self, within_s: float) -> None:
        """Write what is left, for at most so many seconds: a reader that does not read cannot block the exit."""
        with self._changed:
            self._closed.set()
            self._changed.notify()
        self._thread.join(within_s)

    def _carry(self) -> None:
        while text := self._next():
            try:
                for part in parts_of(text.encode("utf-8", "backslashreplace")):
                    _write_all(self._descriptor, part)
            except OSError:  # closed: the lines are lost
                continue

    def _next(self) -> str:
        """All lines that wait, as one text; "" at the end."""
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


def parts_of(data: bytes) -> Iterator[bytes]:
    """The text in pieces that a pipe takes as a whole (PIPE_BUF), cut at line ends: other processes may write to it
    too. A longer line is one piece."""
    at = 0
    while len(data) - at > AT_ONCE_BYTES:
        end = data.rfind(b"\n", at, at + AT_ONCE_BYTES) + 1 or data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end
    if at < len(data):
        yield data[at:]


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
