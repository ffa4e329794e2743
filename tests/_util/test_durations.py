"""Durations: what a user types, and what Go would print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock._util.durations import LONGEST_S, BadDuration, go_duration, parse


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3s", 3.0), ("250ms", 0.25), ("2.5s", 2.5), (".5s", 0.5), ("0s", 0.0), ("1m", 60.0), ("1m30s", 90.0),
     ("1h2m3.5s", 3723.5), ("100us", 0.0001), ("129.115µs", 0.000129115), ("24h", 86_400.0)],
)  # fmt: skip
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float) -> None:
    assert parse(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "3", "s", "-3s", "+3s", "3 s", " 3s", "3sec", "nans", "infs", "1e3s", "3s\n", "٣s", "25h", "9" * 400,
             "9" * 18 + "h", "0x1s", "1.s", "1,5s"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadDuration, match=r"2\.5s|24h"):
        parse(text)


def test_a_bare_number_is_answered_with_the_likely_unit() -> None:
    with pytest.raises(BadDuration, match=r"did you mean 2\.5s\?"):
        parse("2.5")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.940519855, "3.940519855s"), (0.030019409, "30.019409ms"), (0.000129115, "129.115µs"), (60, "1m0s"),
     (3723.5, "1h2m3.5s"), (0, "0s"), (1e-9, "1ns"), (9.99e-7, "999ns"), (1e-6, "1µs"), (0.001, "1ms"),
     (0.999999999, "999.999999ms"), (1, "1s"), (59.9999999999, "1m0s"), (3600, "1h0m0s"), (86400, "24h0m0s"),
     (10.6, "10.6s"), (-1.5, "-1.5s"), (4e-10, "0s"), (119.5, "1m59.5s")],
)  # fmt: skip
def test_time_elapsed_is_written_as_go_writes_it(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text


@given(st.integers(min_value=0, max_value=int(LONGEST_S * 10**9)))
def test_what_is_written_is_read_back(nanoseconds: int) -> None:
    written = go_duration(nanoseconds / 10**9)

    assert round(parse(written) * 10**9) == pytest.approx(nanoseconds, abs=16)  # a float of a day has 1.5e-11 s steps
