"""The attempt before a retry, as Redis has it: what one process wrote, another reads unchanged."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from volcv_mock.state.redis.attempts import SKEW_S, attempt_text, retry_in

MOMENTS = some.floats(0, 1e11)
NUMBERS = some.none() | some.integers(0, 10**9)


def entry(**members: Any) -> Any:
    return SimpleNamespace(**{"id": "0123456789abcdef01234567", "step": "", "time_s": 0.0, **members})


@given(NUMBERS, NUMBERS, MOMENTS, some.none() | MOMENTS, MOMENTS)
def test_what_was_written_of_an_attempt_is_read(code, status, began_s, ended_s, again_s):
    before = b"1:17\n" + attempt_text(entry(code=code, status=status, time_s=began_s), ended_s)

    found = retry_in(entry(time_s=again_s), before)

    waited_s = None if ended_s is None else max(0.0, round(again_s - ended_s, 6))
    assert found == {"of": "0123456789abcdef01234567", "code": code, "status": status, "waited_s": waited_s}


@given(MOMENTS, MOMENTS)
def test_an_end_that_is_told_late_precedes_the_retry_unless_the_times_say_otherwise(ended_s, again_s):
    told_late = b"1:17\n" + attempt_text(entry(code=10000, status=200), ended_s)[:-1] + b",true]"

    found = retry_in(entry(time_s=again_s), told_late)

    assert found is not None
    assert (found["waited_s"] is None) == (again_s < ended_s - SKEW_S)
