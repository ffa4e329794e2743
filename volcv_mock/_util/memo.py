"""Memories of pure results: large values bounded by bytes, what short texts came to by their number. Thread-safe."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import AnyStr, Concatenate, Generic, ParamSpec, TypeVar

Value = TypeVar("Value")
More = ParamSpec("More")
TEXTS = 128
"""Short texts remembered by each function."""


def remembering(
    at_most: int, once: AnyStr | None = None
) -> Callable[[Callable[Concatenate[AnyStr, More], Value]], Callable[Concatenate[AnyStr, More], Value]]:
    """A decorator for functions of a text: clients repeat themselves, so what the last short ones came to is kept.

    `at_most` is their length, in characters or bytes. A text with `once` in it never comes twice.
    """

    def decorate(function: Callable[Concatenate[AnyStr, More], Value]) -> Callable[Concatenate[AnyStr, More], Value]:
        remembered = lru_cache(TEXTS)(function)

        def either(text: AnyStr, /, *more: More.args, **named: More.kwargs) -> Value:
            is_usual = len(text) <= at_most and (once is None or once not in text)
            if is_usual:
                return remembered(text, *more, **named)  # type: ignore[arg-type]  # TypeError for what has no hash
            return function(text, *more, **named)

        return wraps(function)(either)

    return decorate


class Memo(Generic[Value]):
    """At most `budget_bytes` of values; one larger than the whole budget is not kept at all."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._held_bytes = 0
        self._items: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, key: Hashable, value: Value, size_bytes: int) -> Value:
        """Keep a value; returns the one kept, so that equal answers of two threads become one object."""
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
