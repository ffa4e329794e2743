"""Ending a run early, with what was answered: SIGINT, SIGTERM, and the time limit.

A signal is only noted, and acted on where the run waits for the network or for its turn: never between the
write of a ledger line and its end. What is left is inconclusive, and the report is written.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

INTERRUPTED = "interrupted"
TIME_LIMIT = "time limit"
AGAIN_S = 1.0
"""A signal this soon after the first is the same request: timeout(1) sends one to the process and one to its group."""
NAMES = ("SIGINT", "SIGTERM")


class Stopped(KeyboardInterrupt):
    """The run ends here. No Exception: nothing between the network and the runner may take it for an error, and pytest
    ends the drawn requests by it."""


@dataclass
class Stop:
    """Why a run should end, and whether it waits just now. `limit_s` counts from the call of `limit`; 0 sets none."""

    limit_s: float = 0.0
    now: Callable[[], float] = time.monotonic
    reason: str = ""
    text: str = ""
    _is_waiting: bool = False
    _started_s: float = field(default=0.0)
    _signalled_s: float | None = None

    def __post_init__(self) -> None:
        self._started_s = self.now()

    def limit(self, seconds: float) -> None:
        """Set the time limit, from now on."""
        self.limit_s, self._started_s = seconds, self.now()

    def request(self, reason: str, text: str) -> None:
        """End the run: at once where it waits, else before the next request."""
        if not self.reason:
            self.reason, self.text = reason, text
        if self._is_waiting:
            raise Stopped

    def assert_going_on(self) -> None:
        """Raise Stopped when the run should end, or its time has passed."""
        if self.limit_s and not self.reason and self.now() - self._started_s >= self.limit_s:
            self.reason, self.text = TIME_LIMIT, self._spent()
        if self.reason:
            raise Stopped

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around what may take long and changes nothing: a request, a pause."""
        self.assert_going_on()
        self._is_waiting = True
        try:
            yield
        finally:
            self._is_waiting = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM, also while the report is written. Elsewhere than in the main thread nothing."""
        numbers = [getattr(signal, name) for name in NAMES] if _is_in_main_thread() else []
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Take the alarm of the time limit. Where there is none, and in other threads, only checks count."""
        if not self.limit_s or not hasattr(signal, "SIGALRM") or not _is_in_main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, lambda number, frame: self.request(TIME_LIMIT, self._spent()))
        signal.setitimer(signal.ITIMER_REAL, self.limit_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _on_signal(self, number: int, frame: Any) -> None:
        if self._signalled_s is None:
            self._signalled_s = self.now()
            self.request(INTERRUPTED, f"{signal.Signals(number).name} was received")
        elif self.now() - self._signalled_s >= AGAIN_S:  # whoever asks a second time does not wait for the report
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def _spent(self) -> str:
        return f"the {self.limit_s:.0f} s of --time-limit have passed"


def _is_in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
