"""Calls that were received are counted together, each once, by who needs the first of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.state.test_one_mock import Replicas
from volcv_mock.model import Arrived, Expected, RawRequest
from volcv_mock.scope import scope_of
from volcv_mock.state import StateUnavailable
from volcv_mock.state.arrivals import Arrivals


class Counter:
    """Numbers calls; `asked` has how many were counted at once."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.asked: list[int] = []
        self.problem = problem

    def __call__(self, waiting: Sequence[Expected]) -> None:
        self.asked.append(len(waiting))
        if self.problem:
            raise self.problem
        for number, each in enumerate(waiting, 1):
            each.number = number


def test_those_that_wait_are_counted_with_the_first() -> None:
    counter = Counter()
    arrivals = Arrivals(counter)
    first, second = (arrivals.expect("default", body) for body in (b"a", b"b"))

    assert (arrivals.take(second), arrivals.take(first)) == (True, True)
    third = arrivals.expect("default", b"c")
    assert arrivals.take(third)

    assert [each.number for each in (first, second, third)] == [1, 2, 1]
    assert counter.asked == [2, 1]
    assert first.request == ()  # the body is not held


def test_a_call_that_is_decided_again_is_counted_again() -> None:
    arrivals = Arrivals(Counter())
    expected = arrivals.expect("default")

    assert [arrivals.take(expected), arrivals.take(expected)] == [True, False]


@pytest.mark.parametrize(
    ("problem", "why"), [(StateUnavailable("no such socket"), "no such socket"), (KeyError("x"), "KeyError")]
)
def test_what_prevents_the_counting_is_told_to_each(problem: Exception, why: str) -> None:
    arrivals = Arrivals(Counter(problem))
    both = [arrivals.expect("default") for _ in range(2)]

    for each in both:
        with pytest.raises(StateUnavailable, match=why):
            arrivals.take(each)


def test_many_threads_count_each_call_once() -> None:
    counter = Counter()
    arrivals = Arrivals(counter)
    calls = [arrivals.expect("default") for _ in range(64)]
    threads = [threading.Thread(target=lambda part=part: [*map(arrivals.take, part)]) for part in
               (calls[:20], calls[10:40], calls[30:])]  # fmt: skip
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert counter.asked == [64]


def test_in_a_common_state_they_take_one_round_trip_and_get_what_lone_calls_get(processes: Replicas, make: Any) -> None:
    [together], alone = processes(1), make()
    connections, worlds = together.world.state.connections, (together.world, alone.world)

    def raw(body: bytes, scope: str) -> RawRequest:
        return RawRequest("official", "POST", "/", "", (), body, arrived=Arrived(0.0, 0.0, scope))

    calls = [raw(b"a", "default"), raw(b"b", "other"), raw(b"a", "default")]
    ahead = [worlds[0].expect(scope_of(each), each.endpoint, each.method, each.body) for each in calls]
    expected = [replace(each, expected=one) for each, one in zip(calls, ahead, strict=True)]
    before = connections.trips
    found = [worlds[0].visit(each)[0] for each in expected]
    trips = connections.trips - before

    assert trips == 1
    told = [[(each.call_id, each.number, each.occurrence, each.digest) for each in visits] for visits in
            (found, [worlds[1].visit(each)[0] for each in calls])]  # fmt: skip
    assert told[0] == told[1]
    assert worlds[0].visit(expected[0])[0].number == 3
