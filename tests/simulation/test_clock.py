"""The movable clock: freezing, advancing and virtual time."""

from __future__ import annotations

import pytest

from volcv_mock.simulation.clock import Clock


class Hands:
    """A wall clock and a monotonic one that a test moves by hand."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def clock(hands: Hands) -> Clock:
    return Clock(wall=hands, monotonic=hands)


def test_a_clock_left_alone_follows_real_time(clock: Clock, hands: Hands) -> None:
    hands.s += 5

    assert clock.now_s() == 1005


def test_a_frozen_clock_stands_still_and_resumes_where_it_stood(clock: Clock, hands: Hands) -> None:
    clock.freeze()
    hands.s += 50
    assert clock.now_s() == 1000

    clock.resume()
    hands.s += 1
    assert clock.now_s() == 1001


def test_advancing_moves_a_frozen_clock_too(clock: Clock) -> None:
    clock.freeze(at_s=5.0)

    clock.advance(86400)

    assert clock.now_s() == 86405


def test_overlapping_waits_do_not_add_up(clock: Clock) -> None:
    """Two replies due at 1003 in virtual time leave the clock at 1003, not at 1006."""
    clock.move_to(1003)
    clock.move_to(1003)

    assert clock.now_s() == 1003


def test_remaining_time_is_unknown_while_frozen_before_the_moment(clock: Clock) -> None:
    clock.freeze()

    assert clock.remaining_s(1001) is None
    assert clock.remaining_s(1000) == 0


def test_every_move_notifies_the_subscribers(clock: Clock) -> None:
    moves: list[str] = []
    unsubscribe = clock.subscribe(lambda: moves.append("moved"))

    clock.advance(1)
    clock.freeze()
    clock.resume()
    unsubscribe()
    clock.advance(1)

    assert moves == ["moved"] * 3


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")], ids=str)
def test_a_clock_never_moves_back_or_nowhere(clock: Clock, seconds: float) -> None:
    with pytest.raises(ValueError, match="wanted 0 or more"):
        clock.advance(seconds)


def test_reset_restores_real_time(clock: Clock) -> None:
    clock.advance(10)
    clock.freeze()

    clock.reset()

    assert clock.state() == {"now_s": 1000, "is_frozen": False, "offset_s": 0}
