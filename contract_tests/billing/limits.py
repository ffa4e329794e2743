"""Limits towards a paid target: requests per second, and an end after three refusals for credentials or rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..model import Exchange
from ..runner.verdicts import was_wanted

UNWELCOME = frozenset({401, 403, 429})
BURST = 3


class Unwelcome(Exception):
    """Several calls in a row were refused for their credentials or their rate: stop at once."""


@dataclass
class Pace:
    """At most `per_second` requests, evenly spaced."""

    per_second: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next_s: float = 0.0

    def wait(self) -> None:
        """Sleep until the next call may be sent."""
        moment = self.now()
        if moment < self._next_s:
            self.sleep(self._next_s - moment)
        self._next_s = max(moment, self._next_s) + 1 / self.per_second


@dataclass
class Welcome:
    """Counts unexpected 401, 403 and 429 in a row."""

    in_a_row: int = 0
    status: int = 0

    def observe(self, exchange: Exchange) -> None:
        """Count refusals in a row; a case that asked for the refusal does not count."""
        if exchange.in_front and exchange.expect and not exchange.expect.success:
            return  # a firewall may stop what the API would refuse; it says nothing about other requests
        if exchange.step != "sync" and exchange.answer.status in (401, 403):
            return  # tasks may be closed to a key that is served otherwise
        if exchange.answer.status not in UNWELCOME or was_wanted(exchange):
            self.in_a_row = 0
            return
        self.in_a_row, self.status = self.in_a_row + 1, exchange.answer.status
        self.assert_open()

    def assert_open(self) -> None:
        """Called before each send as well: once a run was refused, nothing more is sent."""
        if self.in_a_row >= BURST:
            raise Unwelcome(f"{BURST} answers in a row were HTTP {self.status}; no further call was made")
