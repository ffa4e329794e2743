"""Memory of the C library: freed blocks are kept while requests are served, and returned when the workers are idle.

By default glibc returns large blocks to the system and asks for new pages with the next picture, which is a sixth of
the work at 512 px; or it keeps them for good, 500 MB after some pictures of 4096 px. So it is told to keep them, and
the workers return them when they are idle. All measured (docs/performance.md).
"""

from __future__ import annotations

from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""mallopt's names for what is kept at the end of the heap, for the smallest block with pages of its own, and for the
number of heaps (malloc.h)."""
_LARGE_BLOCK_BYTES, _KEPT_BYTES = 1_000_000, 1 << 25
_USUAL_BLOCK_BYTES = 1 << 24
"""Freed blocks up to this size are kept: a picture of 2048 px in memory."""

_UNKNOWN = (AttributeError, ImportError, OSError, TypeError)
"""Errors of other C libraries: musl and macOS have no such functions, Windows no such library."""


def keep_for_now(*, but_large: bool = False) -> None:
    """For a process that only serves: use one heap for all threads, because only the first can be returned as a whole,
    and keep freed blocks. glibc sets its threshold by the largest block that was freed (mallopt(3)).

    With `but_large` blocks above a megabyte are returned at once, however the heap is broken up: calls that wait for an
    upstream are many, and their bodies large.
    """
    import ctypes  # lazy: start-up time

    with suppress(*_UNKNOWN):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        if but_large:
            library.mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES)
            library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
            return
        library.malloc.restype = ctypes.c_void_p
        library.free(ctypes.c_void_p(library.malloc(_USUAL_BLOCK_BYTES)))


def give_back() -> None:
    """Return unused memory to the system. Takes milliseconds and does not hold the interpreter's lock.

    Never raises: a worker calls it, and in a process out of file descriptors even the import fails.
    """
    with suppress(*_UNKNOWN):
        import ctypes  # lazy: start-up time

        ctypes.CDLL(None).malloc_trim(0)
