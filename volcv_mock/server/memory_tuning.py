"""Keeping memory, and giving it back: what the C library does with the blocks of pictures that are over.

glibc returns them to the system and asks for new pages with the next picture, which is a sixth of the
work at 512 px; or it keeps them for good, 500 MB after some of 4096 px. So it is told to keep them, and
the workers give them back when nothing is asked of them. All measured.
"""

from __future__ import annotations

from contextlib import suppress

_ARENA_MAX = -8
"""mallopt's name for the number of heaps (malloc.h)."""
_USUAL_BLOCK_BYTES = 1 << 24
"""Freed blocks up to this size are kept: a picture of 2048 px in memory."""

_UNKNOWN = (AttributeError, OSError, TypeError)
"""What asking another C library comes to: musl and macOS have no such functions, Windows no such library."""


def keep_for_now() -> None:
    """In a process that only serves: one heap for all threads, because only the first can be given back as a
    whole, and freed blocks stay. glibc learns what to keep from the largest block it got back (mallopt(3))."""
    import ctypes  # lazy: start-up time

    with suppress(*_UNKNOWN):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.malloc.restype = ctypes.c_void_p
        library.free(ctypes.c_void_p(library.malloc(_USUAL_BLOCK_BYTES)))


def give_back() -> None:
    """Return unused memory to the system: milliseconds, without the interpreter's lock."""
    import ctypes  # lazy: start-up time

    with suppress(*_UNKNOWN):
        ctypes.CDLL(None).malloc_trim(0)
