"""A real redis-server on a Unix socket, for as long as a test needs it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.server.scripted import until


def installed() -> str | None:
    """The program, if there is one."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """`url(name)` is a state URL. Without redis-server on the path the test is skipped, and says why."""

    def __init__(self, *options: str) -> None:
        program = installed()
        if program is None:
            pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
        self._folder = tempfile.mkdtemp(prefix="redis-")
        self.socket = f"{self._folder}/s"
        self._command = [program, "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no",
                         "--dir", self._folder, *options]  # fmt: skip
        self._names = 0
        self.start()

    def start(self) -> None:
        """Start it, or start it again: it keeps nothing."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        assert until(self._accepts)

    def url(self, name: str = "", password: str = "") -> str:
        """A name that no other test uses, unless one is given."""
        self._names += 1
        user = f":{password}@" if password else ""
        return f"unix://{user}{self.socket}?name={name or f'test-{self._names}'}"

    def stop(self) -> None:
        """End it; what it had is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        Path(self.socket).unlink(missing_ok=True)

    def pause(self, number: int = signal.SIGSTOP) -> None:
        """Let it hang; with SIGCONT go on."""
        self._process.send_signal(number)

    def close(self) -> None:
        """End it for good."""
        self.pause(signal.SIGCONT)
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accepts(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(self.socket)
                probe.sendall(b"PING\r\n")
                return probe.recv(1) != b""
            except OSError:
                return False
