"""The journal: what an entry tells of a call, and that it stays small."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPMethod
from typing import Any

import pytest

from tests.helpers import calls
from tests.helpers.calls import KEY, NOW_S, PROBLEM, READ, RISK, entry, mask, opened, painted, scene
from volcv_mock.delivery import Delivered, Reply
from volcv_mock.journal import Journal
from volcv_mock.journal.entries import Entry
from volcv_mock.journal.entry_of_call import MAX_ITEMS, MAX_PATH, MAX_TEXT, entry_of
from volcv_mock.model import Call, Credential, Fired, Outcome


def test_an_entry_tells_what_arrived_and_what_was_decided(journal: Journal) -> None:
    opened(journal, entry(3, row=RISK, fired=(Fired("rule", "50411", "rule-1"),), delay_s=2.0))

    told = journal.last()

    assert told is not None
    assert (told.number, told.req_key, told.code, told.status, told.endpoint) == (
        3,
        "i2i_inpainting",
        50411,
        400,
        "proxy",
    )
    assert (told.time, told.time_s, told.body_bytes) == ("2023-11-14T22:13:20.000Z", NOW_S, 100)
    assert told.parameters == {"req_key": "i2i_inpainting", "custom_prompt": "a puppy", "seed": 7}
    assert told.fired == [{"origin": "rule", "name": "50411", "rule_id": "rule-1"}]
    assert (told.planned_delay_s, told.delay_s, told.client) == (2.0, None, "waiting")
    assert (told.request_id, told.quota, told.key) == ("20231114221320ABC", {"in_flight": 0}, "sk-***")


def test_an_entry_is_closed_with_what_the_client_did(journal: Journal) -> None:
    opened(journal, entry())

    closed = journal.close("default-call-1", Delivered(0.25, "left_early", 10))

    for told in (closed, journal.last()):
        assert told is not None
        assert (told.id, told.delay_s, told.client, told.sent_bytes) == ("default-call-1", 0.25, "left_early", 10)


def test_an_entry_tells_how_long_sending_took_once_it_is_over(journal: Journal) -> None:
    opened(journal, entry(1), entry(2))
    waiting = journal.get("default-call-1")
    closed = journal.close("default-call-1", Delivered(0.25, "read_all", 10, True, 1.5, 0.125))

    for told in (closed, journal.get("default-call-1")):
        assert told is not None
        assert (told.delay_s, told.sending_s) == (0.25, 1.5)
    assert waiting is not None
    assert waiting.sending_s is None


def test_the_usual_path_of_an_endpoint_makes_no_entry_larger(journal: Journal) -> None:
    usual, other = entry(1), replace(entry(2, digest="d2"), path="/nowhere")
    official = replace(entry(3, digest="d3"), endpoint="official", path="/")
    opened(journal, usual, other, official)

    assert [told.path for told in journal.entries()] == ["/volcv/v1", "/nowhere", "/"]
    assert len(other.packed()) - len(usual.packed()) == len("/nowhere") + 1


def test_a_path_is_cut_and_has_no_key(journal: Journal) -> None:
    raw = replace(calls.raw_request(), path=f"/{KEY}/nowhere/{'x-' * 5000}")
    outcome = Outcome(RISK, call=Call(raw, calls.visit(), "", "", Credential("bearer", KEY)))
    told = entry_of(raw, calls.visit(), outcome, Reply(400, (), ()))

    assert told.path.startswith("/***/nowhere/x-x-")
    assert len(told.path) < MAX_PATH + 30


@pytest.mark.parametrize(
    ("path", "base", "shown", "message"),
    [
        ("/", "/prefix", "/***/", "Invalid URL (POST /), see /docs/"),
        (f"/{KEY}/x", "", "/***/x", "Invalid URL (POST /***/x), see /docs/"),
        ("/nowhere", "/prefix", "/***/nowhere", "Invalid URL (POST /nowhere), see /docs/"),
    ],
)
def test_a_message_that_names_the_path_has_no_key_of_it(path: str, base: str, shown: str, message: str) -> None:
    raw = replace(calls.raw_request(key="sk-another-key"), path=path, base_path=base)
    call = Call(raw, calls.visit(), "", "")
    outcome = Outcome(RISK, call=call, message=f"Invalid URL (POST {path}), see /docs/")
    told = entry_of(raw, calls.visit(), outcome, Reply(400, (), ()))

    assert (told.path, told.message) == (shown, message)


def test_an_entry_closes_once(journal: Journal) -> None:
    opened(journal, entry())
    journal.close("default-call-1", READ)

    assert journal.close("default-call-1", READ) is None
    assert journal.close("never-opened", READ) is None


def test_a_refused_call_tells_its_problems_and_what_was_sent(journal: Journal) -> None:
    opened(journal, entry(problems=(PROBLEM,), body={"seed": "7"}, row=RISK))

    told = journal.last()

    assert told is not None
    assert told.problems[0]["rule"] == "schema_type"
    assert (told.parameters["seed"], told.mode, told.req_key) == ("7", "", "i2i_inpainting")


def test_no_text_of_an_entry_holds_the_key(journal: Journal) -> None:
    """Not even where the client put it into a parameter, a header or a field's name."""
    opened(journal, entry(body={"custom_prompt": f"my key is {KEY}", KEY: 1, "deep": [{"k": KEY}]}))

    told = json.dumps(journal.entries()[0].to_dict())

    assert KEY not in told
    assert "my key is sk-***" in told


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, ["x"] * 10**5, {str(index): 1 for index in range(10**5)}, 10**4000, float("inf"), "\ud800",
     json.loads("[" * 900 + "]" * 900)],
    ids=["text", "list", "object", "number", "infinity", "lone surrogate", "nesting"],
)  # fmt: skip
def test_whatever_a_client_sends_an_entry_stays_small(journal: Journal, value: Any) -> None:
    opened(journal, entry(body={"custom_prompt": value, "other": value}))

    assert len(json.dumps(journal.entries()[0].to_dict(), allow_nan=False)) < 2 * 40 * MAX_TEXT


class Seconds(float):
    """A number of a class of its own, as numpy and others have them."""


def test_texts_and_numbers_of_other_classes_are_kept_as_what_they_say(journal: Journal) -> None:
    class Word(str):
        """A text of a class that cannot be found by its name."""

    told = entry(1, at_s=Seconds(NOW_S))
    told.method, told.host = HTTPMethod.POST, Word("a-host")
    opened(journal, told)

    kept = json.loads(json.dumps(journal.entries()[0].to_dict()))

    assert (kept["time_s"], kept["method"], kept["host"]) == (NOW_S, "POST", "a-host")


class Odd(str):
    """A text that cannot be made again from what it says."""

    def __new__(cls, first: str, second: str) -> Odd:
        return super().__new__(cls, first + second)


def test_text_of_a_str_subclass_is_stored_as_plain_text(journal: Journal) -> None:
    opened(journal, entry(body={"custom_prompt": Odd("a ", "puppy")}))

    assert journal.entries()[0].parameters["custom_prompt"] == "a puppy"


def test_an_opened_entry_holds_no_picture(journal: Journal) -> None:
    told = entry(pictures=(scene(), mask()), result=painted())

    opened(journal, told)

    assert told.sources == ()


def test_a_large_entry_is_closed_like_a_small_one(journal: Journal) -> None:
    opened(journal, entry(body={"custom_prompt": ["x" * 900] * 40}))

    closed = journal.close("default-call-1", READ)

    assert closed == journal.last()
    assert closed is not None
    assert closed.client == "read_all"


def test_an_entry_says_how_many_problems_it_has_no_room_for(journal: Journal) -> None:
    opened(journal, entry(problems=(PROBLEM,) * (MAX_ITEMS + 3)))

    told = journal.entries()[0]

    assert len(told.problems) == MAX_ITEMS
    assert told.notes == ["3 more problems were found than are listed"]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((b'{"data":{"base64":["', b"QUFB", b'"],"request_id":"deep"},"request_id":"2023A","x":1}'), "2023A"),
        ((b'{"ResponseMetadata":{"RequestId":"2023B","Error":{}}}',), "2023B"),
        ((b'{"error":{"message":"no key (request id: 2023C)"}}',), "2023C"),
        ((b"<html>",), ""),
        ((), ""),
    ],
    ids=["service", "gateway", "proxy", "html", "empty"],
)
def test_the_request_id_is_read_from_the_answer(journal: Journal, chunks: tuple[bytes, ...], expected: str) -> None:
    opened(journal, entry(chunks=chunks))

    assert journal.entries()[0].request_id == expected


def test_the_picture_behind_a_url_answer_is_named(journal: Journal) -> None:
    body = b'{"data":{"image_urls":["http://h/_mock/images/0aff.jpeg?x-expires=1"],"request_id":"r"}}'

    opened(journal, entry(chunks=(body,)))

    assert journal.entries()[0].picture_id == "0aff"


def test_a_hand_made_call_equals_one_of_the_pipeline() -> None:
    """These tests stand on tests/calls.py; it makes what session.py makes."""
    assert isinstance(calls.entry(), Entry)
