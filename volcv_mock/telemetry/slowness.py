"""Whether a common state is slow: the 99th percentile of its round trips, looked at once a minute."""

from __future__ import annotations

from volcv_mock.telemetry.metrics import BUCKETS_S, Histogram

SLOW_S = 0.05
EVERY_S = 60.0
LEAST = 100
"""Round trips in a minute below which the slowest one would decide."""


class Slowness:
    """Used by one thread."""

    def __init__(self) -> None:
        self._due_s = 0.0
        self._before = (0, 0)

    def found(self, now_s: float, trips: Histogram) -> str:
        """What is to be said about the last minute; "" for nothing, and before it is over."""
        if now_s < self._due_s:
            return ""
        every, slow = sum(trips.counts), sum(trips.counts[BUCKETS_S.index(SLOW_S) + 1 :])
        (every_before, slow_before), self._before = self._before, (every, slow)
        self._due_s = now_s + EVERY_S
        every, slow = every - every_before, slow - slow_before
        if every < LEAST or slow * 100 <= every:
            return ""
        return (f"the common state is slow: {slow} of the last {every} round trips took more than {SLOW_S * 1000:g} ms,"
                " and each call waits for two; Redis, its network or this machine is busy")  # fmt: skip
