"""The movable clock of one scope: real time plus an offset, or frozen.

It drives URL expiry, quotas, ids and waiting answers. Signatures are judged on real time instead:
delays of virtual time would outrun their 900 s window. Deliveries subscribe, so that moving the
clock releases the answers that wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

Listener = Callable[[], None]

LATEST_S = 253_402_214_400.0
"""The last day of the year 9999: beyond it no calendar can write a request id."""


class Clock:
    """Seconds since the epoch, as the scope sees them. Every method may be called from any thread."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._epoch = wall() - monotonic()
        self._offset_s = 0.0
        self._frozen_at: float | None = None
        self._listeners: dict[int, Listener] = {}
        self._next_listener = 0
        self._lock = threading.Lock()

    def now_s(self) -> float:
        with self._lock:
            return self._now()

    def freeze(self, at_s: float | None = None) -> None:
        """Stop, now or at the given moment."""
        if at_s is not None and not 0 <= at_s <= LATEST_S:
            raise ValueError(f"a clock stands between 1970 and 9999, not at {at_s!r} seconds")
        with self._lock:
            self._frozen_at = self._now() if at_s is None else float(at_s)
        self._tell()

    def resume(self) -> None:
        """Run again from where it stands."""
        with self._lock:
            if self._frozen_at is not None:
                self._offset_s = self._frozen_at - self._real()
                self._frozen_at = None
        self._tell()

    def advance(self, seconds: float) -> None:
        """Jump forward, frozen or not. Raises ValueError for a negative number: answers have left."""
        if not 0 <= seconds <= LATEST_S - self.now_s():
            raise ValueError(f"a clock moves forward by 0 seconds or more, at most to 9999, not by {seconds!r}")
        with self._lock:
            self._jump(seconds)
        self._tell()

    def move_to(self, moment_s: float) -> None:
        """Jump forward to a moment; a moment already past changes nothing (virtual time overlaps)."""
        with self._lock:
            self._jump(max(0.0, moment_s - self._now()))
        self._tell()

    def reset(self) -> None:
        with self._lock:
            self._offset_s = 0.0
            self._frozen_at = None
        self._tell()

    def remaining_s(self, moment_s: float) -> float | None:
        """Real seconds until a moment, 0 when reached, None when frozen before it."""
        with self._lock:
            left = max(0.0, moment_s - self._now())
            return None if left and self._frozen_at is not None else left

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {
                "now_s": self._now(),
                "is_frozen": self._frozen_at is not None,
                "offset_s": self._now() - self._real(),
            }

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every move, from the mover's thread; returns the way to unsubscribe."""
        with self._lock:
            key, self._next_listener = self._next_listener, self._next_listener + 1
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a moment of this clock."""
        return bool(self._listeners)

    def _real(self) -> float:
        return self._epoch + self._monotonic()

    def _now(self) -> float:
        return self._real() + self._offset_s if self._frozen_at is None else self._frozen_at

    def _jump(self, seconds: float) -> None:
        if self._frozen_at is None:
            self._offset_s += seconds
        else:
            self._frozen_at += seconds

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners.values())
        for listener in listeners:
            listener()
