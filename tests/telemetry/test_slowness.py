"""Whether a common state is slow, from the histogram of its round trips."""

from __future__ import annotations

from volcv_mock.telemetry.metrics import Histogram
from volcv_mock.telemetry.slowness import EVERY_S, LEAST, Slowness


def trips(fast: int, slow: int, known: Histogram | None = None) -> Histogram:
    found = known or Histogram()
    for seconds, number in ((0.05, fast), (0.051, slow)):
        for _ in range(number):
            found.observe(seconds)
    return found


def test_a_99th_percentile_over_50_ms_is_said_with_its_figures() -> None:
    assert Slowness().found(0.0, trips(990, 10)) == ""
    assert "11 of the last 1000 round trips took more than 50 ms" in Slowness().found(0.0, trips(989, 11))


def test_it_is_said_once_a_minute_about_that_minute() -> None:
    slowness, found = Slowness(), trips(0, 200)

    first = slowness.found(10.0, found)
    too_early = slowness.found(10.0 + EVERY_S - 1, trips(0, 200, found))
    second = slowness.found(10.0 + EVERY_S, found)
    fast_again = slowness.found(10.0 + 2 * EVERY_S, trips(200, 0, found))

    assert "200 of the last 200" in first
    assert "200 of the last 200" in second
    assert too_early == fast_again == ""


def test_a_few_round_trips_have_no_percentile() -> None:
    assert Slowness().found(0.0, trips(0, LEAST - 1)) == ""
