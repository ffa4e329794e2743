"""Memory of the C library: freed blocks are kept while requests are served, and returned when the workers are idle.

By default glibc returns large blocks to the system and asks for new pages with the next picture, which is a sixth of
the work at 512 px; or it keeps them for good, 500 MB after some pictures of 4096 px. So it is told to keep them, and
the workers return them when they are idle. All measured (docs/performance.md).
"""

from __future__ import annotations

from contextlib import suppress

_ARENA_MAX = -8
"""mallopt's name for the number of heaps (malloc.h)."""
_USUAL_BLOCK_BYTES = 1 << 24
"""Freed blocks up to this size are kept: a picture of 2048 px in memory."""

_UNKNOWN = (AttributeError, ImportError, OSError, TypeError)
"""Errors of other C libraries: musl and macOS have no such functions, Windows no such library."""


def keep_for_now() -> None:
    """For a process that only serves: use one heap for all threads, because only the first can be returned as a whole,
    and keep freed blocks. glibc sets its threshold by the largest block that was freed (mallopt(3))."""
    import ctypes  # lazy: start-up time

    with suppress(*_UNKNOWN):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.malloc.restype = ctypes.c_void_p
        library.free(ctypes.c_void_p(library.malloc(_USUAL_BLOCK_BYTES)))


def give_back() -> None:
    """Return unused memory to the system. Takes milliseconds and does not hold the interpreter's lock.

    Never raises: a worker calls it, and in a process out of file descriptors even the import fails.
    """
    with suppress(*_UNKNOWN):
        import ctypes  # lazy: start-up time

        ctypes.CDLL(None).malloc_trim(0)
