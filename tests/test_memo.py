"""The memory of pure results: bounded by bytes, shared between equal answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from volcv_mock.memo import Memo


def test_a_kept_value_is_the_same_object_for_everyone() -> None:
    memo: Memo[list[int]] = Memo(100)

    first, second = memo.put("key", [1], 10), memo.put("key", [1], 10)

    assert first is second
    assert memo.get("key") is first


def test_the_value_unused_for_longest_leaves_first() -> None:
    memo: Memo[str] = Memo(20)
    memo.put("a", "A", 10)
    memo.put("b", "B", 10)
    memo.get("a")

    memo.put("c", "C", 10)

    assert (memo.get("a"), memo.get("b"), memo.get("c")) == ("A", None, "C")


def test_a_value_above_the_budget_is_answered_but_not_kept() -> None:
    memo: Memo[str] = Memo(5)

    assert memo.put("key", "value", 6) == "value"
    assert memo.get("key") is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 60))))
def test_the_budget_holds_whatever_comes(puts: list[tuple[int, int]]) -> None:
    memo: Memo[int] = Memo(100)

    for key, size_bytes in puts:
        memo.put(key, key, size_bytes)

        assert memo.held_bytes <= 100
