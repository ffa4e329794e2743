"""The journal: how it is asked, what it evicts, how it knows a retry, and that its bytes stay within the budget."""

from __future__ import annotations

import pickle
import threading
import tracemalloc
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.calls import BUDGET, NOW_S, READ, RISK, entry, opened, painted, scene
from volcv_mock.delivery import Delivered
from volcv_mock.journal import Journal
from volcv_mock.journal.entries import Entry
from volcv_mock.journal.packing import packed, unpacked


def ids(found: tuple[Entry, ...]) -> list[int]:
    return [each.number for each in found]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"req_key": "byteedit_v2.0"}, [2]),
        ({"code": 50411}, [3]),
        ({"code": "50411"}, [3]),
        ({"code": 201304}, [4]),
        ({"code": 99}, []),
        ({"since": NOW_S + 3}, [3, 4]),
        ({"since": "default-call-3"}, [4]),
        ({"since": "no longer known"}, [1, 2, 3, 4]),
        ({"limit": 2}, [3, 4]),
        ({"limit": 0}, []),
        ({"code": 10000, "limit": 1}, [4]),
        ({"scope": "other"}, [5]),
        ({"scope": "*"}, [1, 2, 3, 4, 5]),
    ],
)
def test_the_journal_answers_questions(journal: Journal, question: dict[str, Any], expected: list[int]) -> None:
    opened(
        journal,
        entry(1, at_s=NOW_S + 1),
        entry(2, at_s=NOW_S + 2, body={"req_key": "byteedit_v2.0"}),
        entry(3, at_s=NOW_S + 3, row=RISK),
        entry(4, at_s=NOW_S + 4, more={"algorithm_status": 201304}),
        entry(5, at_s=NOW_S + 5, scope="other"),
    )

    assert ids(journal.entries(**question)) == expected


def test_clearing_a_scope_leaves_the_others(journal: Journal) -> None:
    opened(journal, entry(1), entry(2, scope="other"))

    assert journal.clear("default") == 1
    assert (ids(journal.entries("*")), journal.get("default-call-1")) == ([2], None)


def test_a_call_forgotten_in_flight_still_closes(journal: Journal) -> None:
    """Its log line is written although the journal was emptied meanwhile."""
    opened(journal, entry())
    journal.clear()

    assert journal.close("default-call-1", READ) is not None
    assert journal.entries() == ()


def test_a_retry_tells_the_attempt_before_it_and_the_wait_since_its_end(journal: Journal) -> None:
    opened(journal, entry(1, row=RISK, at_s=NOW_S))
    journal.close("default-call-1", Delivered(1.5, "read_all"))

    opened(journal, entry(2, at_s=NOW_S + 2.0))

    assert journal.entries()[0].retry is None
    assert journal.entries()[1].retry == {"of": "default-call-1", "code": 50411, "status": 400, "waited_s": 0.5}


def test_a_retry_beside_an_unanswered_attempt_waited_for_nothing(journal: Journal) -> None:
    opened(journal, entry(1), entry(2, at_s=NOW_S + 1))

    assert journal.entries()[1].retry["waited_s"] is None  # type: ignore[index]


def test_no_retry_waited_for_less_than_nothing(journal: Journal) -> None:
    """It crossed the answer on its way, or came on a clock that stands still: a retry in a storm all the same."""
    opened(journal, entry(1, at_s=NOW_S))
    journal.close("default-call-1", Delivered(1.5, "read_all"))

    opened(journal, entry(2, at_s=NOW_S + 1.0))

    assert journal.entries()[1].retry["waited_s"] == 0.0  # type: ignore[index]


def test_another_request_or_scope_is_no_retry(journal: Journal) -> None:
    opened(journal, entry(1), entry(2, digest="d2"), entry(3, scope="other"))

    assert [each.retry for each in journal.entries("*")] == [None] * 3


def test_the_oldest_entries_leave_when_the_budget_is_full() -> None:
    journal = opened(Journal(50_000), *(entry(number) for number in range(1, 101)))

    numbers = ids(journal.entries())

    assert numbers == list(range(101 - len(numbers), 101))
    assert (len(journal) + journal.evicted, journal.held_bytes <= 50_000) == (100, True)


def test_a_budget_of_nothing_keeps_nothing_and_still_closes() -> None:
    journal = opened(Journal(0), entry(pictures=(scene(),)))

    assert (journal.entries(), journal.held_bytes) == ((), 0)
    assert journal.close("default-call-1", READ) is not None


def test_hundreds_of_calls_with_pictures_stay_within_the_budget_as_memory_is_measured() -> None:
    """What the journal counts is what the process holds: budgets are promises."""
    source, result = scene(), painted()
    opened(Journal(BUDGET), entry(pictures=(source,), result=result))  # Pillow's plugins are loaded before counting
    tracemalloc.start()
    journal = Journal(450_000)
    before = tracemalloc.get_traced_memory()[0]

    for number in range(600):
        unlike = replace(source, facts=replace(source.facts, digest=f"p{number}"))
        other = replace(result, data=result.data + number.to_bytes(4, "big"))
        journal.open(entry(number, digest=f"{number:032x}", pictures=(unlike,), result=other))
        journal.close(f"default-call-{number}", READ)

    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    attempts = 600 * 700  # remembered apart, bounded by their number
    assert journal.evicted > 300
    assert 440_000 < journal.held_bytes <= 450_000
    assert held <= journal.held_bytes + attempts


def test_threads_keep_the_account_right() -> None:
    journal = Journal(300_000)

    def work(name: int) -> None:
        for number in range(100):
            journal.open(entry(number, scope=f"s{name}", pictures=(scene(digest=f"p{number % 7}"),)))
            journal.close(f"s{name}-call-{number}", READ)
            if number % 50 == 0:
                journal.clear(f"s{name}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 0 < journal.held_bytes <= 300_000
    journal.clear()
    assert len(journal) == 0


class Bomb:
    """A pickle of this runs code in whoever reads it."""

    exploded: ClassVar[list[str]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Bomb.exploded.append, ("read",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_bytes_that_are_no_entry_are_refused_and_never_unpickled(protocol: int) -> None:
    hostile = pickle.dumps(Bomb(), protocol)

    with pytest.raises(ValueError):  # noqa: PT011 - which text depends on the decoder
        Entry.unpacked(hostile)

    assert Bomb.exploded == []


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x90", b"\x92\x01\x02", b"\xc0", b"\xff", b"[]", b"\xc7\x01\x05x", b"\xc1"]
)
def test_bytes_of_another_kind_are_no_entry(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which text depends on the decoder
        Entry.unpacked(data)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
@example(["half a character \ud83d", 2**70, -(2**63) - 1, {"": [1e308]}])
def test_any_json_value_comes_back_as_it_was_packed(value: object) -> None:
    assert unpacked(packed([value])) == [value]


def test_what_is_no_plain_data_is_not_packed() -> None:
    with pytest.raises(TypeError, match="PurePosixPath is not plain data"):
        packed([PurePosixPath("a")])


def test_an_entry_comes_back_as_it_was_kept_whatever_its_texts_hold() -> None:
    told = entry(body={"custom_prompt": 'half a character \ud83d, quotes " and \u0000, 小狗'})

    assert Entry.unpacked(told.packed()).to_dict() == told.to_dict()


def test_a_retry_names_the_code_of_a_reseller_as_it_was_sent(journal: Journal) -> None:
    """It is text, unlike those of the table."""
    wrapped = replace(entry(1, row=RISK), code="upstream_error")
    opened(journal, wrapped)
    journal.close("default-call-1", READ)

    opened(journal, entry(2))

    assert journal.get("default-call-1").code == "upstream_error"
    assert journal.get("default-call-2").retry["code"] == "upstream_error"
