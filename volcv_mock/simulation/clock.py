"""The movable clock of one scope: real time plus an offset, or frozen.

URL expiry, quotas, ids and delayed replies use it. Signatures are checked on real time instead, because virtual
delays would exceed their 900 s window. Transports subscribe, so that moving the clock releases delayed replies.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from volcv_mock._util.listeners import Listener, Listeners

LATEST_S = 253_402_214_400.0
"""The last day of the year 9999: later dates cannot be formatted for request ids."""


class Clock:
    """The time of a scope, in seconds since the epoch. Thread-safe."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._epoch = wall() - monotonic()
        self._offset_s = 0.0
        self._frozen_at: float | None = None
        self._listeners = Listeners()
        self._lock = threading.Lock()

    def now_s(self) -> float:
        """Seconds since 1970 on this clock."""
        with self._lock:
            return self._now()

    def at(self, monotonic_s: float) -> float:
        """What this clock, as it is set now, showed at a moment of the monotonic clock."""
        with self._lock:
            return self._epoch + monotonic_s + self._offset_s if self._frozen_at is None else self._frozen_at

    def freeze(self, at_s: float | None = None) -> None:
        """Stop the clock, now or at the given time. Raises ValueError for a time outside 1970 to 9999."""
        if at_s is not None and not 0 <= at_s <= LATEST_S:
            raise ValueError(f"at_s is {at_s!r}; wanted seconds since 1970, at most to 9999")
        with self._lock:
            self._frozen_at = self._now() if at_s is None else float(at_s)
        self._listeners.notify()

    def resume(self) -> None:
        """Let a frozen clock run again from its frozen time."""
        with self._lock:
            if self._frozen_at is not None:
                self._offset_s = self._frozen_at - self._real()
                self._frozen_at = None
        self._listeners.notify()

    def advance(self, seconds: float) -> None:
        """Move forward, frozen or not. Raises ValueError for a negative number: replies were sent already."""
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not is_number or not 0 <= seconds <= LATEST_S - self.now_s():
            wanted = "0 or more, as a number, and a resulting time before the year 10000"
            raise ValueError(f"seconds is {seconds!r}; wanted {wanted}. freeze(at_s) sets an earlier time.")
        with self._lock:
            self._jump(seconds)
        self._listeners.notify()

    def move_to(self, moment_s: float) -> None:
        """Move forward to a time; a time in the past changes nothing, because virtual delays may overlap."""
        with self._lock:
            self._jump(max(0.0, moment_s - self._now()))
        self._listeners.notify()

    def reset(self) -> None:
        """Show real time again; wakes who waits for a moment."""
        with self._lock:
            self._offset_s = 0.0
            self._frozen_at = None
        self._listeners.notify()

    def remaining_s(self, moment_s: float) -> float | None:
        """Real seconds until a time: 0 when reached, None when the clock is frozen before it."""
        with self._lock:
            left = max(0.0, moment_s - self._now())
            return None if left and self._frozen_at is not None else left

    def state(self) -> dict[str, Any]:
        """The clock as the control API shows it."""
        with self._lock:
            return {
                "now_s": self._now(),
                "is_frozen": self._frozen_at is not None,
                "offset_s": self._now() - self._real(),
            }

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every move, in the thread that moved the clock; returns a function to unsubscribe."""
        return self._listeners.subscribe(listener)

    @property
    def is_awaited(self) -> bool:
        """Whether anything is subscribed."""
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
