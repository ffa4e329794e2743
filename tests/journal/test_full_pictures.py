"""Full pictures: kept within a budget, once each, the oldest calls first to lose theirs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.calls import mask, scene
from volcv_mock.journal.full_pictures import FullPictures
from volcv_mock.model import Painted, Picture

GOT = Painted(b"jpeg", b"", 1, 1)


def test_without_a_budget_nothing_is_kept() -> None:
    kept = FullPictures(0)

    kept.keep("call-1", "default", (scene(), GOT))

    assert (kept.get("call-1", "picture"), kept.held_bytes) == (None, 0)


def test_a_call_keeps_what_it_sent_and_what_it_got() -> None:
    kept, sent = FullPictures(10_000), scene()

    kept.keep("call-1", "default", (sent, mask(), GOT))

    assert set(kept.roles("call-1")) == {"picture", "mask", "result"}
    assert (kept.get("call-1", "picture"), kept.get("call-1", "result")) == (sent.data, b"jpeg")


def test_a_result_that_comes_later_joins_what_was_sent() -> None:
    """In front of an upstream the pictures that were sent are kept before the answer is there."""
    kept = FullPictures(10_000)

    kept.keep("call-1", "default", (scene(),))
    kept.keep("call-1", "default", (GOT,))

    assert set(kept.roles("call-1")) == {"picture", "result"}


def test_equal_pictures_are_kept_once() -> None:
    kept = FullPictures(1000)

    for number in range(50):
        kept.keep(f"call-{number}", "default", (GOT,))

    assert kept.held_bytes == len(GOT.data)
    assert kept.get("call-0", "result") == b"jpeg"


def test_a_scope_loses_its_own_pictures_only() -> None:
    kept = FullPictures(1000)
    kept.keep("call-1", "one", (GOT,))
    kept.keep("call-2", "other", (GOT,))

    kept.clear("one")

    assert (kept.get("call-1", "result"), kept.get("call-2", "result")) == (None, b"jpeg")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 40)), max_size=40))
def test_the_budget_is_never_exceeded_and_the_count_is_true(puts: list[tuple[int, int, int]]) -> None:
    kept = FullPictures(100)

    for call, letter, length in puts:
        kept.keep(f"call-{call}", "default", (Painted(bytes([letter]) * length, b"", 1, 1),))
        assert kept.held_bytes <= 100
    kept.clear()

    assert kept.held_bytes == 0


def test_a_picture_without_bytes_is_none() -> None:
    kept, sent = FullPictures(1000), scene()

    kept.keep("call-1", "default", (Picture(sent.where, b"", sent.facts),))

    assert kept.roles("call-1") == ()
