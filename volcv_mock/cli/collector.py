"""Garbage collection while a command starts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER_OBJECTS = 10_000
"""Threshold of the youngest generation (gc.set_threshold): 10 to 14 times Python's default."""


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable garbage collection during imports: they create no cycles, and collecting costs 10 % of the start.

    Afterwards the imported objects are frozen (gc.freeze), and collections are rarer than by default: thousands of
    waiting responses are not garbage either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(COLLECT_AFTER_OBJECTS)
