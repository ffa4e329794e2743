"""volcv-mock as a process: start it, read it line by line, end it. Every wait has a deadline."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO

DEADLINE_S = 60.0
"""A limit for failures: no passing test waits this long."""

LISTENING = re.compile(r"volcv-mock \S+ listening on (http://\S+)")


def environment(**variables: str) -> dict[str, str]:
    """The environment of this process without settings of a mock, plus these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOLCV_MOCK_")}
    return kept | {"PYTHONUNBUFFERED": "1"} | variables


def run(*words: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(command(words), capture_output=True, text=True, timeout=DEADLINE_S,
                          env=environment(**(environ or {})))  # fmt: skip


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "volcv_mock.cli", *words]


class Serving:
    """`volcv-mock serve` on a free port, until the block ends. `error` is a file for its standard error."""

    def __init__(self, *flags: str, environ: Mapping[str, str] | None = None, error: int = subprocess.PIPE) -> None:
        words = ["serve", *([] if "--port" in flags else ["--port", "0"]), *flags]
        self.process = subprocess.Popen(command(words), stdout=subprocess.PIPE, stderr=error, text=True,
                                        env=environment(**(environ or {})))  # fmt: skip
        self._lines = {name: _pumped(stream) for name, stream in
                       (("out", self.process.stdout), ("err", self.process.stderr)) if stream}  # fmt: skip
        self.first = self.line()
        found = LISTENING.fullmatch(self.first)
        self.url = found[1] if found else ""

    def line(self, stream: str = "out") -> str:
        """The next line; "" when the stream has ended."""
        return self._lines[stream].get(timeout=DEADLINE_S)

    def error_with(self, word: str) -> str:
        """The next line of standard error that has this word."""
        while word not in (line := self.line("err")):
            assert line, f"standard error ended before {word!r}"
        return line

    def end(self, number: int) -> int:
        """Send a signal; gives the exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def _pumped(stream: IO[str]) -> queue.Queue[str]:
    """The lines of a stream as they come, read by a thread, and "" at its end."""
    lines: queue.Queue[str] = queue.Queue()

    def pump() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put("")

    threading.Thread(target=pump, daemon=True).start()
    return lines
