"""Caches for pure results: Memo, bounded by bytes, and `remembering`, bounded by entries. Thread-safe."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import AnyStr, Concatenate, Generic, ParamSpec, TypeVar

Value = TypeVar("Value")
More = ParamSpec("More")
TEXTS = 128
"""Entries in the cache of each decorated function."""


def remembering(
    at_most: int, once: AnyStr | None = None
) -> Callable[[Callable[Concatenate[AnyStr, More], Value]], Callable[Concatenate[AnyStr, More], Value]]:
    """Decorator: caches a function of a text for short texts, because clients repeat the same requests.

    `at_most` is the maximum length of a cached text, in characters or bytes. A text that contains `once` is not cached:
    it is different for each request.
    """

    def decorate(function: Callable[Concatenate[AnyStr, More], Value]) -> Callable[Concatenate[AnyStr, More], Value]:
        remembered = lru_cache(TEXTS)(function)

        def either(text: AnyStr, /, *more: More.args, **named: More.kwargs) -> Value:
            is_cached = len(text) <= at_most and (once is None or once not in text)
            if is_cached:
                return remembered(text, *more, **named)  # type: ignore[arg-type]  # TypeError for unhashable arguments
            return function(text, *more, **named)

        return wraps(function)(either)

    return decorate


class Memo(Generic[Value]):
    """A least-recently-used cache of at most `budget_bytes`. A value larger than that is not stored.

    `hits` and `misses` count the look-ups.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._held_bytes = 0
        self.hits = self.misses = 0
        self._items: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key not in self._items:
                self.misses += 1
                return None
            self.hits += 1
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, key: Hashable, value: Value, size_bytes: int) -> Value:
        """Store a value; returns the stored one, so that two threads that computed it share one object."""
        with self._lock:
            if key in self._items:
                return self._items[key][0]
            if size_bytes <= self._budget_bytes:
                self._items[key] = (value, size_bytes)
                self._held_bytes += size_bytes
                self._shrink()
            return value

    def clear(self) -> None:
        with self._lock:
            self._items.clear()
            self._held_bytes = 0

    def _shrink(self) -> None:
        while self._held_bytes > self._budget_bytes:
            _, (_, size_bytes) = self._items.popitem(last=False)
            self._held_bytes -= size_bytes
