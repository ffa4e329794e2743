"""Rules: how they are written, and how they count."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volcv_mock.faults.base import Stage
from volcv_mock.trouble import STAGES, Trouble
from volcv_mock.trouble.rule_forms import MASKED_KEY, MATCH_FIELDS, STEP_FIELDS, TOP_FIELDS
from volcv_mock.trouble.rules import BadRule, CallFacts, Draws, RuleBook, parse_rule

REQ_KEY = "i2i_inpainting"


def facts(**given: Any) -> CallFacts:
    return CallFacts(**{"req_key": REQ_KEY, "api_key": "sk-one", "prompt": "a red cat", "digest": "d", **given})


def walk(book: RuleBook, stages: tuple[Stage, ...] = STAGES, **given: Any) -> list[str]:
    """One request through the corridor; the names of what struck, a code ends the walk."""
    draws = book.begin(facts(**given))
    for stage in stages:
        trouble = draws.draw(stage)
        if trouble and trouble.code:
            break
    return [fired.name for fired in draws.fired()]


def book_of(*specs: dict[str, Any], **options: Any) -> RuleBook:
    book = RuleBook(**options)
    for spec in specs:
        book.add(spec)
    return book


# --- how a rule is written -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "stage"),
    [
        ({"code": 50411}, "gate"),
        ({"code": 50411.0}, "gate"),
        ({"code": 50511}, "after"),
        ({"code": 50500}, "model"),
        ({"code": 50429}, "gateway"),
        ({"code": "SignatureDoesNotMatch"}, "gateway"),
        ({"code": "FlowLimitExceeded"}, "gateway"),
        ({"code": 201304}, "model"),
        ({"fault": 50412}, "gate"),
        ({"fault": "SignatureDoesNotMatch"}, "gateway"),
        ({"fault": "ghost_face"}, "model"),
        ({"fault": "expired_url"}, "after"),
        ({"fault": "black"}, "picture"),
        ({"fault": "data_uri"}, "reply"),
        ({"fault": "reset"}, "wire"),
        ({"delay_s": 3}, "delay"),
        ({"code": 50411, "delay_s": 0.5}, "gate"),
        ({"fault": "drip", "duration_s": 2, "delay_s": 1}, "wire"),
        ({"sequence": [{"pass": True}]}, "delay"),
        ({"sequence": [{}]}, "delay"),
    ],
    ids=str,
)
def test_a_rule_strikes_at_the_stage_of_its_trouble(spec: dict[str, Any], stage: str) -> None:
    assert parse_rule(spec).steps[0].stage == stage


def test_the_bare_number_201304_means_its_likelier_place() -> None:
    """The documents name no place; data.algorithm_base_resp is the likelier one, so both words agree."""
    by_number, by_name = parse_rule({"code": 201304}), parse_rule({"fault": "ghost_face"})

    assert by_number.steps == by_name.steps


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ([], r"^\$: a list; wanted an object with code, fault"),
        ("reset", r"^\$: 'reset'; wanted an object"),
        ({}, r"exactly one of code, fault, delay_s, sequence"),
        ({"times": 2}, r"exactly one of"),
        ({"code": 50411, "fault": "reset"}, r"code and fault; wanted exactly one"),
        ({"fault": "reset", "sequence": [{}]}, r"exactly one"),
        ({"code": 50411, "coed": 1}, r"^\$\.coed: unknown field 'coed'.*Did you mean 'code'"),
        ({"code": 50411, "match": {"req_kee": 1}}, r"^\$\.match\.req_kee: .*req_key, api_key.*Did you mean 'req_key'"),
        ({"code": 50411, "match": []}, r"^\$\.match: a list"),
        ({"code": 50411, "match": {"req_key": "i2i_inpaint"}}, r"req_key 'i2i_inpaint'.*Did you mean 'i2i_inpainting'"),
        ({"code": 50411, "match": {"req_key": 7}}, r"^\$\.match\.req_key"),
        ({"code": 50411, "match": {"api_key": 7}}, r"^\$\.match\.api_key: a int"),
        ({"code": 50411, "match": {"prompt_contains": ""}}, r"^\$\.match\.prompt_contains"),
        ({"code": 50411, "match": {"call_number": 0}}, r"^\$\.match\.call_number: 0; wanted a whole number from 1"),
        ({"code": 50411, "match": {"call_number": True}}, r"true"),
        ({"code": 50411, "match": None}, r"^\$\.match: null"),
        ({"code": True}, r"^\$\.code: true"),
        ({"code": "50411"}, r"without quotes"),
        ({"code": 50410}, r"'50410' is no known code.*Did you mean"),
        ({"code": 10000}, r'is success; in a sequence write \{"pass": true\}'),
        ({"code": "reset"}, r"reset is a fault: ask for it as fault"),
        ({"code": 10**400}, r"a number of \d+ bits"),
        ({"code": float("nan")}, r"nan"),
        ({"code": None}, r"null"),
        ({"fault": "rest"}, r"Did you mean 'reset'"),
        ({"fault": "no_such_thing_at_all"}, r"ghost_face, ghost_face_top_level, reset, empty"),
        ({"fault": ["reset"]}, r"^\$\.fault: a list"),
        ({"delay_s": -1}, r"^\$\.delay_s: -1; wanted a number from 0 to 86400"),
        ({"delay_s": True}, r"true"),
        ({"delay_s": "3s"}, r"without quotes or unit"),
        ({"delay_s": float("nan")}, r"nan"),
        ({"delay_s": float("inf")}, r"inf"),
        ({"delay_s": 10**400}, r"a number of"),
        ({"fault": "reset", "duration_s": 1}, r"duration_s with drip or hang"),
        ({"delay_s": 1, "duration_s": 1}, r"duration_s with drip or hang"),
        ({"fault": "drip", "duration_s": -1}, r"^\$\.duration_s"),
        ({"code": 50411, "skip": -1}, r"^\$\.skip: -1; wanted a whole number from 0"),
        ({"code": 50411, "skip": 1.5}, r"^\$\.skip: 1\.5"),
        ({"code": 50411, "times": 0}, r"^\$\.times: 0; wanted a whole number from 1"),
        ({"code": 50411, "times": True}, r"^\$\.times: true"),
        ({"code": 50411, "times": "2"}, r"^\$\.times: '2'"),
        ({"code": 50411, "times": float("inf")}, r"^\$\.times: inf"),
        ({"code": 50411, "probability": 1.1}, r"^\$\.probability: 1\.1; wanted a number from 0 to 1"),
        ({"code": 50411, "probability": -0.1}, r"^\$\.probability"),
        ({"code": 50411, "probability": True}, r"^\$\.probability: true"),
        ({"code": 50411, "probability": float("nan")}, r"nan"),
        ({"sequence": []}, r"0 steps; wanted a list of 1 to 1000"),
        ({"sequence": {}}, r"^\$\.sequence: an object"),
        ({"sequence": [{}] * 1001}, r"1001 steps"),
        ({"sequence": [{"code": 50429}, {"fault": "rest"}]}, r"^\$\.sequence\[1\]\.fault"),
        ({"sequence": [{"sequence": [{}]}]}, r"^\$\.sequence\[0\]\.sequence: unknown field"),
        ({"sequence": [{"code": 50429, "times": 2}]}, r"^\$\.sequence\[0\]\.times: unknown field"),
        ({"sequence": [{"pass": False}]}, r'\{"pass": true\} alone'),
        ({"sequence": [{"pass": 1}]}, r'\{"pass": true\} alone'),
        ({"sequence": [{"pass": True, "delay_s": 1}]}, r'\{"pass": true\} alone'),
        ({"sequence": [{}], "delay_s": 1}, r"^\$\.delay_s: beside sequence"),
        ({"pass": True}, r"^\$\.pass: unknown field"),
        ({1: 2}, r"unknown field 1"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, (dict, list, str)) else None,
)
def test_a_bad_rule_is_refused_with_its_path_and_what_is_permitted(spec: Any, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        parse_rule(spec)


def test_a_rule_of_a_file_is_named_by_its_place_there() -> None:
    with pytest.raises(BadRule, match=r"^faults\[2\]\.match\.req_kee"):
        parse_rule({"code": 50411, "match": {"req_kee": "x"}}, "faults[2]")


NAMES = st.sampled_from([*TOP_FIELDS, *STEP_FIELDS, *MATCH_FIELDS, "x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)))
def test_whatever_is_sent_as_a_rule_is_taken_or_refused_in_words(spec: Any) -> None:
    assert verdict(spec) in ("taken", "refused in words")


def verdict(spec: Any) -> str:
    try:
        return "taken" if parse_rule(spec).steps else "without a step"
    except BadRule as error:
        return "refused in words" if str(error).startswith("$") and len(str(error)) < 2000 else str(error)


# --- how a rule counts -----------------------------------------------------------------------------


def test_a_rule_without_conditions_strikes_every_call() -> None:
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
    ("match", "call", "strikes"),
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
def test_every_field_of_a_match_must_agree(match: dict[str, Any], call: dict[str, Any], strikes: bool) -> None:
    book = book_of({"code": 50411, "match": match})

    assert bool(walk(book, **call)) is strikes


def test_a_call_that_does_not_match_spends_neither_skip_nor_times() -> None:
    book = book_of({"code": 50411, "skip": 1, "times": 1, "match": {"prompt_contains": "red"}})

    assert [walk(book, prompt=text) for text in ("blue", "red", "blue", "red", "red")] == [[], [], [], ["50411"], []]


def test_a_request_refused_before_the_stage_spends_nothing() -> None:
    book = book_of({"code": 50511, "times": 1}, {"sequence": [{}, {"fault": "reset"}]})

    walk(book, stages=("gateway", "gate"))

    assert [row["fired"] for row in book.listing()] == [0, 0]
    assert [row["remaining"] for row in book.listing()] == [1, 2]


def test_after_a_refusal_only_what_the_request_asked_for_is_drawn() -> None:
    book = book_of({"fault": "drip"}, {"delay_s": 3})
    draws = book.begin(facts(), asked=(Trouble("header", delay_s=1.0),))

    assert draws.delay(is_refused=True) == 1.0
    assert draws.draw("wire") is None
    assert [row["fired"] for row in book.listing()] == [0, 0]


def test_at_each_stage_the_rule_added_first_wins_and_the_other_spends_nothing() -> None:
    book = book_of({"code": 50412, "times": 1}, {"code": 50411, "times": 1})

    assert [walk(book) for _ in range(3)] == [["50412"], ["50411"], []]


def test_rules_of_different_stages_strike_the_same_call() -> None:
    book = book_of({"fault": "black"}, {"fault": "data_uri"}, {"fault": "drip"}, {"delay_s": 1})

    assert walk(book) == ["black", "data_uri", "drip", "delay=1s"]


def test_a_rule_fires_at_most_once_for_one_request() -> None:
    """A sequence may move on to a stage that the same request has yet to reach."""
    book = book_of({"sequence": [{"fault": "black"}, {"fault": "reset"}]})

    assert [walk(book), walk(book)] == [["black"], ["reset"]]


def test_drawing_a_stage_again_gives_the_same_and_spends_nothing() -> None:
    book = book_of({"fault": "reset", "times": 5})
    draws = book.begin(facts())

    assert draws.draw("wire") is draws.draw("wire")
    assert book.listing()[0]["remaining"] == 4


def test_a_delay_beside_a_code_counts_and_no_delay_rule_is_spent_on_it() -> None:
    book = book_of({"code": 50411, "delay_s": 2}, {"delay_s": 9})
    draws = book.begin(facts())
    draws.draw("gate")

    assert draws.delay() == 2
    assert book.listing()[1]["fired"] == 0


def test_a_delay_beside_a_wire_fault_is_known_before_delivery() -> None:
    draws = book_of({"fault": "reset", "delay_s": 2}).begin(facts())

    assert draws.delay() == 2
    assert [fired.name for fired in draws.fired()] == ["reset"]


def test_what_the_request_asks_goes_before_the_rules_stage_by_stage() -> None:
    book = book_of({"code": 50412}, {"fault": "reset"}, {"delay_s": 9})
    wish = parse_rule({"code": 50411}).steps[0].trouble
    assert wish is not None
    draws = book.begin(facts(), asked=(wish, Trouble("header", delay_s=1.0)))

    drawn = [draws.draw("gate"), draws.draw("wire")]

    assert [each.name for each in drawn if each] == ["50411", "reset"]
    assert draws.delay() == 1.0
    assert [row["fired"] for row in book.listing()] == [0, 1, 0]


def test_trouble_known_only_after_validation_strikes_from_the_gate_on() -> None:
    """A trigger picture may name a gateway's error; the gateway's stage is over when it is read."""
    draws = Draws()
    assert draws.draw("gateway") is None
    late = parse_rule({"code": "SignatureDoesNotMatch"}).steps[0].trouble
    assert late is not None

    draws.also((late,))

    assert draws.draw("gate") == late


@pytest.mark.parametrize(
    ("fault", "has", "strikes"),
    [("expired_url", "base64", False), ("expired_url", "url", True), ("data_uri", "url", False),
     ("data_uri", "base64", True), ("outside_mask", "base64", False), ("outside_mask", "mask", True)],
)  # fmt: skip
def test_no_rule_is_spent_on_a_call_that_cannot_show_it(fault: str, has: str, strikes: bool) -> None:
    book = book_of({"fault": fault, "times": 1})

    assert bool(walk(book, has=frozenset({has}))) is strikes
    assert book.listing()[0]["remaining"] == int(not strikes)


@pytest.mark.parametrize("first", [{"code": 50411}, {"code": 50511}, {"fault": "ghost_face"}], ids=str)
def test_no_rule_of_the_picture_is_spent_once_a_code_has_struck(first: dict[str, Any]) -> None:
    book = book_of(first, {"fault": "data_uri", "times": 1})
    draws = book.begin(facts(has=frozenset({"base64"})))
    for stage in ("gate", "model", "after", "reply"):
        draws.draw(stage)

    assert [row["fired"] for row in book.listing()] == [1, 0]


def test_probability_repeats_exactly_with_the_same_mock_seed() -> None:
    def run(seed: int) -> list[bool]:
        book = book_of({"code": 50411, "probability": 0.3})
        return [bool(walk(book, mock_seed=seed, occurrence=number)) for number in range(200)]

    assert run(7) == run(7) != run(8)
    assert 30 < sum(run(7)) < 90


def test_two_equal_rules_draw_their_own_chances() -> None:
    book = book_of(*[{"fault": "reset", "probability": 0.5, "times": 1000}] * 2)
    for number in range(100):
        walk(book, occurrence=number)

    first, second = (row["fired"] for row in book.listing())
    assert first > 0 < second, "the second rule has a chance where the first says no"


def test_the_order_of_calls_does_not_change_who_is_struck() -> None:
    """Chance depends on the request and its occurrence, so threads cannot reorder it."""
    calls = [{"digest": f"d{number}", "occurrence": 0} for number in range(100)]
    shuffled = random.Random(1).sample(calls, len(calls))

    def struck(order: list[dict[str, Any]]) -> set[str]:
        book = book_of({"code": 50411, "probability": 0.5})
        return {call["digest"] for call in order if walk(book, **call)}

    assert struck(calls) == struck(shuffled)


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 50)])
def test_the_ends_of_probability_are_never_and_always(probability: int, count: int) -> None:
    book = book_of({"code": 50411, "probability": probability})

    assert sum(bool(walk(book, occurrence=number)) for number in range(50)) == count


def test_cleared_and_added_again_a_rule_draws_the_same_chances() -> None:
    book, spec = RuleBook(), {"code": 50411, "probability": 0.5}
    runs = []
    for _ in range(2):
        book.clear()
        book.add(spec)
        runs.append([bool(walk(book, occurrence=number)) for number in range(50)])

    assert runs[0] == runs[1]


def test_fifty_threads_spend_exactly_five_times() -> None:
    book = book_of({"code": 50411, "times": 5})
    struck = in_threads(50, lambda number: walk(book, occurrence=number))

    assert sum(map(len, struck)) == 5
    assert (book.listing()[0]["fired"], book.listing()[0]["remaining"]) == (5, 0)


def test_fifty_threads_play_each_step_of_a_sequence_once() -> None:
    book = book_of({"sequence": [{"code": 50429}, {"fault": "reset"}, {"code": 50500}, {"fault": "black"}]})
    struck = in_threads(50, lambda number: walk(book, occurrence=number))

    assert sorted(name for names in struck for name in names) == ["50429", "50500", "black", "reset"]


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

    struck = in_threads(calls, lambda number: walk(book, occurrence=number))

    assert sum(map(len, struck)) == max(0, min(times, calls - skip))


# --- the book --------------------------------------------------------------------------------------


def test_a_listing_shows_the_rule_as_written_and_what_became_of_it() -> None:
    book = book_of({"code": 50411, "skip": 1, "times": 3, "match": {"req_key": REQ_KEY}})
    walk(book)
    walk(book)

    assert book.listing() == [
        {"id": "rule-1", "code": 50411, "skip": 1, "times": 3, "match": {"req_key": REQ_KEY}, "fired": 1, "skipped": 1,
         "remaining": 2}
    ]  # fmt: skip


def test_a_listing_never_shows_a_key() -> None:
    book = book_of({"code": 50411, "match": {"api_key": "sk-secret"}})

    assert book.listing()[0]["match"] == {"api_key": MASKED_KEY}
    assert "sk-secret" not in repr(parse_rule({"code": 50411, "match": {"api_key": "sk-secret"}}))


def test_a_listing_is_a_copy() -> None:
    spec = {"code": 50411, "match": {"req_key": REQ_KEY}}
    book = book_of(spec)

    spec["match"] = {}
    book.listing()[0]["code"] = 1

    assert book.listing()[0]["code"] == 50411
    assert book.listing()[0]["match"] == {"req_key": REQ_KEY}


def test_a_rule_can_be_removed_once() -> None:
    book = book_of({"code": 50411}, {"code": 50412})

    assert [book.remove("rule-1"), book.remove("rule-1"), book.remove("nothing")] == [True, False, False]
    assert walk(book) == ["50412"]


def test_an_id_is_never_used_again() -> None:
    book = book_of({"code": 50411})
    book.clear()

    assert book.add({"code": 50411})["id"] == "rule-2"


def test_a_full_book_says_so() -> None:
    book = book_of({"code": 50411}, {"code": 50412}, max_rules=2)

    with pytest.raises(BadRule, match=r"2 rules already; wanted at most 2 in a scope"):
        book.add({"code": 50413})


def test_what_fired_names_its_rule() -> None:
    draws = book_of({"fault": "reset"}).begin(facts())
    draws.draw("wire")

    assert [(fired.origin, fired.name, fired.rule_id) for fired in draws.fired()] == [("rule", "reset", "rule-1")]
