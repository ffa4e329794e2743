"""Rules: which calls they apply to, and how they count, also with probabilities and threads."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.rule_books import REQ_KEY, book_of, facts, walk
from volcv_mock.injection import Injection
from volcv_mock.injection.rules import Draws, RuleBook, parse_rule


def test_a_rule_without_conditions_applies_to_every_call() -> None:
    book = book_of({"code": 50411})

    assert [walk(book) for _ in range(3)] == [["50411"]] * 3


def test_skip_lets_the_first_calls_pass_and_times_ends_it() -> None:
    book = book_of({"code": 50411, "skip": 2, "times": 2})

    assert [walk(book) for _ in range(6)] == [[], [], ["50411"], ["50411"], [], []]


def test_a_sequence_is_played_once_step_by_step() -> None:
    book = book_of({"sequence": [{"code": 50429}, {"pass": True}, {"fault": "reset"}, {}, {"delay_s": 3}]})

    assert [walk(book) for _ in range(7)] == [["50429"], [], ["reset"], [], ["delay=3s"], [], []]


def test_times_of_a_sequence_are_whole_rounds() -> None:
    book = book_of({"sequence": [{"code": 50429}, {}], "times": 2})

    assert [walk(book) for _ in range(5)] == [["50429"], [], ["50429"], [], []]


def test_skip_of_a_sequence_counts_calls_before_its_first_step() -> None:
    book = book_of({"sequence": [{"code": 50429}, {"code": 50430}], "skip": 1})

    assert [walk(book) for _ in range(4)] == [[], ["50429"], ["50430"], []]


@pytest.mark.parametrize(
    ("match", "call", "applies"),
    [
        ({"req_key": REQ_KEY}, {}, True),
        ({"req_key": "byteedit_v2.0"}, {}, False),
        ({"req_key": REQ_KEY}, {"req_key": None}, False),
        ({"api_key": "sk-one"}, {}, True),
        ({"api_key": "sk-other"}, {}, False),
        ({"prompt_contains": "red"}, {}, True),
        ({"prompt_contains": "blue"}, {}, False),
        ({"call_number": 3}, {"call_number": 3}, True),
        ({"call_number": 3}, {"call_number": 4}, False),
        ({"req_key": REQ_KEY, "prompt_contains": "blue"}, {}, False),
        ({}, {}, True),
    ],
    ids=str,
)
def test_every_field_of_a_match_must_agree(match: dict[str, Any], call: dict[str, Any], applies: bool) -> None:
    book = book_of({"code": 50411, "match": match})

    assert bool(walk(book, **call)) is applies


def test_a_call_that_does_not_match_consumes_neither_skip_nor_times() -> None:
    book = book_of({"code": 50411, "skip": 1, "times": 1, "match": {"prompt_contains": "red"}})

    assert [walk(book, prompt=text) for text in ("blue", "red", "blue", "red", "red")] == [[], [], [], ["50411"], []]


def test_a_request_refused_before_the_stage_consumes_nothing() -> None:
    book = book_of({"code": 50511, "times": 1}, {"sequence": [{}, {"fault": "reset"}]})

    walk(book, stages=("gateway", "gate"))

    assert [row["fired"] for row in book.listing()] == [0, 0]
    assert [row["remaining"] for row in book.listing()] == [1, 2]


def test_after_a_refusal_only_injections_of_the_request_itself_are_drawn() -> None:
    book = book_of({"fault": "drip"}, {"delay_s": 3})
    draws = book.begin(facts(), asked=(Injection("header", delay_s=1.0),))

    assert draws.delay(is_refused=True) == 1.0
    assert draws.draw("wire") is None
    assert [row["fired"] for row in book.listing()] == [0, 0]


def test_at_each_stage_the_rule_added_first_wins_and_the_other_consumes_nothing() -> None:
    book = book_of({"code": 50412, "times": 1}, {"code": 50411, "times": 1})

    assert [walk(book) for _ in range(3)] == [["50412"], ["50411"], []]


def test_rules_of_different_stages_apply_to_the_same_call() -> None:
    book = book_of({"fault": "black"}, {"fault": "data_uri"}, {"fault": "drip"}, {"delay_s": 1})

    assert walk(book) == ["black", "data_uri", "drip", "delay=1s"]


def test_a_rule_fires_at_most_once_for_one_request() -> None:
    """A sequence may move on to a stage that the same request has yet to reach."""
    book = book_of({"sequence": [{"fault": "black"}, {"fault": "reset"}]})

    assert [walk(book), walk(book)] == [["black"], ["reset"]]


def test_drawing_a_stage_again_returns_the_same_and_consumes_nothing() -> None:
    book = book_of({"fault": "reset", "times": 5})
    draws = book.begin(facts())

    assert draws.draw("wire") is draws.draw("wire")
    assert book.listing()[0]["remaining"] == 4


def test_a_delay_beside_a_code_applies_and_consumes_no_delay_rule() -> None:
    book = book_of({"code": 50411, "delay_s": 2}, {"delay_s": 9})
    draws = book.begin(facts())
    draws.draw("gate")

    assert draws.delay() == 2
    assert book.listing()[1]["fired"] == 0


def test_a_delay_beside_a_wire_fault_is_known_before_delivery() -> None:
    draws = book_of({"fault": "reset", "delay_s": 2}).begin(facts())

    assert draws.delay() == 2
    assert [fired.name for fired in draws.fired()] == ["reset"]


def test_injections_of_the_request_take_precedence_over_rules_at_each_stage() -> None:
    book = book_of({"code": 50412}, {"fault": "reset"}, {"delay_s": 9})
    override = parse_rule({"code": 50411}).steps[0].injection
    assert override is not None
    draws = book.begin(facts(), asked=(override, Injection("header", delay_s=1.0)))

    drawn = [draws.draw("gate"), draws.draw("wire")]

    assert [each.name for each in drawn if each] == ["50411", "reset"]
    assert draws.delay() == 1.0
    assert [row["fired"] for row in book.listing()] == [0, 1, 0]


def test_an_injection_known_only_after_validation_applies_from_the_gate_on() -> None:
    """A trigger picture may name a gateway error; the gateway stage has passed when it is read."""
    draws = Draws()
    assert draws.draw("gateway") is None
    late = parse_rule({"code": "SignatureDoesNotMatch"}).steps[0].injection
    assert late is not None

    draws.add_late((late,))

    assert draws.draw("gate") == late


@pytest.mark.parametrize(
    ("fault", "has", "applies"),
    [("expired_url", "base64", False), ("expired_url", "url", True), ("data_uri", "url", False),
     ("data_uri", "base64", True), ("outside_mask", "base64", False), ("outside_mask", "mask", True)],
)  # fmt: skip
def test_no_rule_is_consumed_by_a_call_on_which_it_has_no_effect(fault: str, has: str, applies: bool) -> None:
    book = book_of({"fault": fault, "times": 1})

    assert bool(walk(book, has=frozenset({has}))) is applies
    assert book.listing()[0]["remaining"] == int(not applies)


@pytest.mark.parametrize("first", [{"code": 50411}, {"code": 50511}, {"fault": "ghost_face"}], ids=str)
def test_no_picture_rule_is_consumed_after_a_code_was_applied(first: dict[str, Any]) -> None:
    book = book_of(first, {"fault": "data_uri", "times": 1})
    draws = book.begin(facts(has=frozenset({"base64"})))
    for stage in ("gate", "model", "after", "reply"):
        draws.draw(stage)

    assert [row["fired"] for row in book.listing()] == [1, 0]


def test_probability_repeats_exactly_with_the_same_mock_seed() -> None:
    def run(seed: int) -> list[bool]:
        book = book_of({"code": 50411, "probability": 0.3})
        return [bool(walk(book, mock_seed=seed, occurrence=number)) for number in range(200)]

    found = run(7)

    assert found == run(7) != run(8)
    assert 30 < sum(found) < 90


def test_two_equal_rules_have_independent_draws() -> None:
    book = book_of(*[{"fault": "reset", "probability": 0.5, "times": 1000}] * 2)
    for number in range(100):
        walk(book, occurrence=number)

    first, second = (row["fired"] for row in book.listing())
    assert first > 0 < second, "the second rule draws where the first did not fire"


def test_the_order_of_calls_does_not_change_on_which_calls_a_rule_fires() -> None:
    """Draws depend on the request and its occurrence, so thread order has no effect."""
    calls = [{"digest": f"d{number}", "occurrence": 0} for number in range(100)]
    shuffled = random.Random(1).sample(calls, len(calls))

    def applied(order: list[dict[str, Any]]) -> set[str]:
        book = book_of({"code": 50411, "probability": 0.5})
        return {call["digest"] for call in order if walk(book, **call)}

    assert applied(calls) == applied(shuffled)


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 50)])
def test_the_ends_of_probability_are_never_and_always(probability: int, count: int) -> None:
    book = book_of({"code": 50411, "probability": probability})

    assert sum(bool(walk(book, occurrence=number)) for number in range(50)) == count


def test_a_rule_that_is_cleared_and_added_again_has_the_same_draws() -> None:
    book, spec = RuleBook(), {"code": 50411, "probability": 0.5}
    runs = []
    for _ in range(2):
        book.clear()
        book.add(spec)
        runs.append([bool(walk(book, occurrence=number)) for number in range(50)])

    assert runs[0] == runs[1]


def test_fifty_threads_consume_exactly_five_times() -> None:
    book = book_of({"code": 50411, "times": 5})
    applied = in_threads(50, lambda number: walk(book, occurrence=number))

    assert sum(map(len, applied)) == 5
    assert (book.listing()[0]["fired"], book.listing()[0]["remaining"]) == (5, 0)


def test_fifty_threads_play_each_step_of_a_sequence_once() -> None:
    book = book_of({"sequence": [{"code": 50429}, {"fault": "reset"}, {"code": 50500}, {"fault": "black"}]})
    applied = in_threads(50, lambda number: walk(book, occurrence=number))

    assert sorted(name for names in applied for name in names) == ["50429", "50500", "black", "reset"]


def in_threads(count: int, work: Any) -> list[list[str]]:
    results: list[list[str]] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        results.append(work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@settings(max_examples=25, deadline=None)
@given(skip=st.integers(0, 5), times=st.integers(1, 8), calls=st.integers(1, 24))
def test_skip_and_times_add_up_under_threads(skip: int, times: int, calls: int) -> None:
    book = book_of({"fault": "reset", "skip": skip, "times": times})

    applied = in_threads(calls, lambda number: walk(book, occurrence=number))

    assert sum(map(len, applied)) == max(0, min(times, calls - skip))
