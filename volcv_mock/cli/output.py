"""Standard output and standard error of every command. No write to them ends a run or changes its exit code.

`cli.main` runs inside `protected_output`. The listing commands print through
`print_text` and `print_json`. Lines of the call log of `serve` go through journal/background_writer.py.
"""

from __future__ import annotations

import io
import json
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, TextIO, cast

FALLBACK = "backslashreplace"
"""A character that the stream's encoding lacks is written as its escape: U+56FE as `\\u56fe`."""


@contextmanager
def protected_output() -> Iterator[None]:
    """Protect `sys.stdout` and `sys.stderr` for the length of the block.

    Inside, a character outside the stream's encoding is escaped, and what a closed pipe, a full disk or a closed
    terminal refuses is discarded. A stream that the parent process closed is replaced by the null device. Streams
    that are not backed by a file (a test's capture) stay as they are.
    """
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _protected(sys.stdout), _protected(sys.stderr)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        sys.stdout, sys.stderr = before


def print_text(text: str) -> int:
    """Print a text and a line end; returns the exit code 0."""
    print(text, flush=True)
    return 0


def print_json(document: Any) -> int:
    """Print a JSON document; returns the exit code 0.

    JSON is exchanged as UTF-8 (RFC 8259, section 8.1). In any other encoding only ASCII is written, which every
    reader decodes to the same text.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").replace("_", "")
    return print_text(json.dumps(document, ensure_ascii=encoding not in ("utf8", "utf8sig"), indent=1))


def _protected(stream: TextIO | None) -> TextIO:
    if stream is None:  # the parent closed the descriptor, or there is no console (pythonw)
        return open(os.devnull, "w", encoding="utf-8")
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # python -u has no buffer between
    if not isinstance(raw, io.RawIOBase):
        return stream
    with suppress(OSError, ValueError):
        stream.flush()
    return io.TextIOWrapper(
        cast(IO[bytes], _Discarding(raw)), encoding=stream.encoding, errors=FALLBACK,
        line_buffering=getattr(stream, "line_buffering", False), write_through=getattr(stream, "write_through", False),
    )  # fmt: skip


class _Discarding(io.RawIOBase):
    """A raw stream that reports every byte as written, also those the stream below refuses.

    After the first refusal nothing more is tried: a closed pipe stays closed, and part of a text is misleading.
    """

    def __init__(self, below: io.RawIOBase) -> None:
        self._below = below
        self._is_lost = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._below.fileno()

    def isatty(self) -> bool:
        with suppress(OSError, ValueError):
            return self._below.isatty()
        return False

    def write(self, data: Any, /) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view) and not self._is_lost:
            done += self._written(view[done:])
        return len(view)

    def _written(self, view: memoryview) -> int:
        try:
            count = self._below.write(view)
        except (OSError, ValueError):  # a closed pipe or terminal, a full disk, a closed file
            self._is_lost = True
            return 0
        if count is None:  # the parent made the pipe non-blocking, and it is full
            self._wait()
        return count or 0

    def _wait(self) -> None:
        try:
            select.select([], [self.fileno()], [])
        except (OSError, ValueError):
            self._is_lost = True
