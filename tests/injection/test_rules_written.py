"""Rules: how they are written, how errors read, and what a listing contains."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.rule_books import REQ_KEY, book_of, facts, walk
from volcv_mock.injection.rule_forms import MASKED_KEY, MATCH_FIELDS, STEP_FIELDS, TOP_FIELDS
from volcv_mock.injection.rules import BadRule, parse_rule

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
def test_a_rule_applies_at_the_stage_of_its_injection(spec: dict[str, Any], stage: str) -> None:
    assert parse_rule(spec).steps[0].stage == stage


def test_the_bare_number_201304_means_the_likelier_placement() -> None:
    """The documents state no placement; data.algorithm_base_resp is the likelier one."""
    by_number, by_name = parse_rule({"code": 201304}), parse_rule({"fault": "ghost_face"})

    assert by_number.steps == by_name.steps


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ([], r"^\$: a list; wanted an object with code, fault"),
        ("reset", r"^\$: 'reset'; wanted an object"),
        ({}, r"exactly one of code, fault, delay_s, queue_s, generating_s, mode, sequence"),
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
        ({"code": "reset"}, r"reset is a fault: write it as fault"),
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


def test_an_error_in_a_file_names_the_position_of_the_rule() -> None:
    with pytest.raises(BadRule, match=r"^faults\[2\]\.match\.req_kee"):
        parse_rule({"code": 50411, "match": {"req_kee": "x"}}, "faults[2]")


NAMES = st.sampled_from([*TOP_FIELDS, *STEP_FIELDS, *MATCH_FIELDS, "x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)))
def test_any_value_sent_as_a_rule_is_accepted_or_refused_with_a_message(spec: Any) -> None:
    assert verdict(spec) in ("taken", "refused in words")


def verdict(spec: Any) -> str:
    try:
        return "taken" if parse_rule(spec).steps else "without a step"
    except BadRule as error:
        return "refused in words" if str(error).startswith("$") and len(str(error)) < 2000 else str(error)


# --- the book --------------------------------------------------------------------------------------


def test_a_listing_shows_the_rule_as_written_and_its_counters() -> None:
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


def test_a_full_book_refuses_another_rule() -> None:
    book = book_of({"code": 50411}, {"code": 50412}, max_rules=2)

    with pytest.raises(BadRule, match=r"2 rules already; wanted at most 2 in a scope"):
        book.add({"code": 50413})


def test_what_fired_names_its_rule() -> None:
    draws = book_of({"fault": "reset"}).begin(facts())
    draws.draw("wire")

    assert [(fired.origin, fired.name, fired.rule_id) for fired in draws.fired()] == [("rule", "reset", "rule-1")]
