"""Giving memory back. glibc keeps what large pictures leave behind: after some of 4096 px that is 500 MB.

A lower threshold for memory of its own (mallopt) would do it too, at a quarter to a half more time for
every picture (measured); so the workers do it when nothing is asked of them.
"""

from __future__ import annotations

from contextlib import suppress

_USUAL_BLOCK_BYTES = 1 << 20


def keep_what_is_usual() -> None:
    """Let glibc keep freed blocks of up to a megabyte. It learns that from the first such block it gets back (mallopt,
    M_MMAP_THRESHOLD); until then each body of 100 KB takes new pages from the system, a tenth of its answer's price."""
    bytearray(_USUAL_BLOCK_BYTES)


def give_back() -> None:
    """Return unused memory to the system, where the C library can: milliseconds, without the interpreter's lock."""
    import ctypes  # lazy: start-up time

    with suppress(AttributeError, OSError, TypeError):  # musl and macOS have no such call, Windows no such library
        ctypes.CDLL(None).malloc_trim(0)
