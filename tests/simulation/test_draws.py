"""Keyed draws: repeatable, evenly distributed, independent of order."""

from __future__ import annotations

from statistics import mean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from volcv_mock.simulation import draws

parts = st.lists(st.one_of(st.integers(), st.text(), st.binary()), min_size=1, max_size=4)


@given(parts)
def test_the_same_parts_draw_the_same(names: list[object]) -> None:
    assert draws.uniform(*names) == draws.uniform(*names)
    assert draws.integer(10, *names) == draws.integer(10, *names)


@given(parts)
def test_a_draw_never_reaches_the_ends(names: list[object]) -> None:
    """So that a probability of 1 always fires and one of 0 never does."""
    assert 0 < draws.uniform(*names) < 1


def test_where_one_part_ends_and_the_next_begins_matters() -> None:
    assert draws.digest("ab", "c") != draws.digest("a", "bc")
    assert draws.digest("1") != draws.digest(1)


@given(st.integers(), st.text(), st.text(), st.text(), st.integers(0))
def test_the_draws_of_a_call_are_those_of_its_five_parts(
    seed: int, scope: str, purpose: str, request: str, occurrence: int
) -> None:
    parts = (seed, scope, purpose, request, occurrence)
    call = draws.CallDraws(seed, scope, request, occurrence)

    assert call.digest(purpose) == draws.digest(*parts)
    assert call.uniform(purpose) == draws.uniform(*parts)
    assert call.integer(1000, purpose) == draws.integer(1000, *parts)
    assert call.hexadecimal(24, purpose) == draws.hexadecimal(24, *parts)


def test_draws_spread_as_their_distribution_says() -> None:
    uniform = [draws.uniform("u", number) for number in range(4000)]
    normal = [draws.normal("n", number) for number in range(4000)]

    assert abs(mean(uniform) - 0.5) < 0.02
    assert abs(mean(normal)) < 0.05
    assert abs(pstdev(normal) - 1) < 0.05
