"""Chance by digest: repeatable, fair enough, and deaf to order."""

from __future__ import annotations

from statistics import mean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import chance

parts = st.lists(st.one_of(st.integers(), st.text(), st.binary()), min_size=1, max_size=4)


@given(parts)
def test_the_same_parts_draw_the_same(names: list[object]) -> None:
    assert chance.uniform(*names) == chance.uniform(*names)
    assert chance.integer(10, *names) == chance.integer(10, *names)


@given(parts)
def test_a_draw_never_reaches_the_ends(names: list[object]) -> None:
    """So that a probability of 1 always fires and one of 0 never does."""
    assert 0 < chance.uniform(*names) < 1


def test_where_one_part_ends_and_the_next_begins_matters() -> None:
    assert chance.digest("ab", "c") != chance.digest("a", "bc")
    assert chance.digest("1") != chance.digest(1)


def test_draws_spread_as_their_distribution_says() -> None:
    uniform = [chance.uniform("u", number) for number in range(4000)]
    normal = [chance.normal("n", number) for number in range(4000)]

    assert abs(mean(uniform) - 0.5) < 0.02
    assert abs(mean(normal)) < 0.05
    assert abs(pstdev(normal) - 1) < 0.05
