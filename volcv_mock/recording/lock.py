"""An exclusive lock on an open file, until it is closed. POSIX and Windows offer different calls."""

from __future__ import annotations

from typing import IO, Any


def lock(file: IO[Any]) -> None:
    """Wait for the lock. Nothing is imported before it is needed: `fcntl` does not exist on Windows."""
    try:
        import fcntl
    except ImportError:
        _lock_on_windows(file)
    else:
        fcntl.flock(file, fcntl.LOCK_EX)


def _lock_on_windows(file: IO[Any]) -> None:
    import importlib

    msvcrt = importlib.import_module("msvcrt")
    file.seek(0)
    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
