"""Finds a second process that serves the same address, such as 127.0.0.1 and ::1 for clients of `localhost`.

Each server takes a name in the kernel (an abstract Unix socket), which goes with its process and leaves no file. Who
finds it taken knows of the other, and sends it a message. Linux only: elsewhere nothing is found.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_ONE_MACHINE = ("127.0.0.1", "::1", "localhost")
_EVERY_ADDRESS = ("0.0.0.0", "::")
_READ = 1


class Neighbours:
    """Taken when the address is bound; `watch` reports another process, `close` gives the name back."""

    def __init__(self, host: str, port: int) -> None:
        self._is_second = False
        self._socket: socket.socket | None = None
        self._watcher: Any = None
        if sys.platform == "linux" and hasattr(socket, "AF_UNIX"):
            self._take(f"\0volcv-mock {_place(host)} {port}")

    def _take(self, name: str) -> None:
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        taken.setblocking(False)
        try:
            taken.bind(name)
        except OSError as error:
            self._is_second = error.errno == errno.EADDRINUSE
            if self._is_second:
                with suppress(OSError):  # the other has just ended
                    taken.sendto(b"second", name)
            taken.close()
            return
        self._socket = taken

    def watch(self, loop: Any, report: Callable[[], None]) -> None:
        """Call `report` once there is another process: now, if it was the first, or when it sends its message."""
        if self._is_second:
            report()
        if self._socket:
            self._watcher = loop.io(self._socket.fileno(), _READ)
            self._watcher.start(self._met, report)

    def close(self) -> None:
        """Give the name back."""
        if self._watcher:
            self._watcher.stop()
            self._watcher.close()
        if self._socket:
            self._socket.close()
        self._watcher = self._socket = None

    def _met(self, report: Callable[[], None]) -> None:
        self._watcher.stop()  # one message is enough, and nobody reads it
        report()


def _place(host: str) -> str:
    """The same text for hosts that one client address may mean."""
    host = host.strip("[]").lower()
    return "loopback" if host in _ONE_MACHINE else "any" if host in _EVERY_ADDRESS else host
