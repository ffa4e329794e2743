"""Caches: bounded by bytes or entries, and equal results share one object."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock._util.memo import TEXTS, Memo, remembering


def test_a_stored_value_is_the_same_object_for_all_callers() -> None:
    memo: Memo[list[int]] = Memo(100)

    first, second = memo.put("key", [1], 10), memo.put("key", [1], 10)

    assert first is second
    assert memo.get("key") is first


def test_the_least_recently_used_value_is_evicted_first() -> None:
    memo: Memo[str] = Memo(20)
    memo.put("a", "A", 10)
    memo.put("b", "B", 10)
    memo.get("a")

    memo.put("c", "C", 10)

    assert (memo.get("a"), memo.get("b"), memo.get("c")) == ("A", None, "C")


def test_a_value_above_the_budget_is_returned_but_not_stored() -> None:
    memo: Memo[str] = Memo(5)

    assert memo.put("key", "value", 6) == "value"
    assert memo.get("key") is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 60))))
def test_the_budget_holds_whatever_comes(puts: list[tuple[int, int]]) -> None:
    memo: Memo[int] = Memo(100)

    for key, size_bytes in puts:
        memo.put(key, key, size_bytes)

        assert memo.held_bytes <= 100


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def reading(made: list[str]) -> Callable[[str], str]:
    @remembering(4, once="!")
    def read(text: str) -> str:
        made.append(text)
        if text == "bad":
            raise ValueError(text)
        return text.upper()

    return read


@pytest.mark.parametrize(("text", "times"), [("four", 1), ("", 1), ("longer", 2), ("now!", 2)])
def test_a_short_text_is_cached_unless_it_is_marked_as_unique(
    reading: Callable[[str], str], made: list[str], text: str, times: int
) -> None:
    assert reading(text) == reading(text) == text.upper()
    assert made == [text] * times


def test_an_error_is_not_cached(reading: Callable[[str], str]) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            reading("bad")


def test_the_most_recent_short_texts_are_cached(reading: Callable[[str], str], made: list[str]) -> None:
    for number in range(TEXTS + 1):
        reading(str(number))

    reading(str(TEXTS))
    assert len(made) == TEXTS + 1
    reading("0")
    assert len(made) == TEXTS + 2
