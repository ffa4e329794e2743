"""The journal reports what the client received, and beside it what the mock decided: for every fault, and for a
client that leaves."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.helpers.calls import RISK, entry, opened
from volcv_mock import VolcvMock, faults
from volcv_mock.control.har import har
from volcv_mock.delivery import Delivered
from volcv_mock.journal import Entry, Journal
from volcv_mock.journal.log import line, summary

BASE = "https://api.example.com"
URL = f"{BASE}/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-test"}

NOTHING = (None, None)
UNREADABLE: dict[str, tuple[int | None, int | None]] = {
    "reset": NOTHING,
    "empty": NOTHING,
    "hang": NOTHING,
    "truncate": (200, None),
    "bad_length": (200, None),
    "malformed_json": (200, None),
    "html_502": (502, None),
}
"""Status and code that reach the client of a success with a fault after which it has no readable answer."""
READABLE = {name: (200, 10000) for name in faults.names() if name not in UNREADABLE}
READABLE["ghost_face_top_level"] = (400, 201304)
RECEIVED = {name: (*found, name) for name, found in UNREADABLE.items()}
RECEIVED |= {name: (*found, "whole") for name, found in READABLE.items()}
"""Status, code and `delivered` of a call with each fault."""


@pytest.fixture
def mock() -> Iterator[Any]:
    with VolcvMock(seed=7).intercept(BASE) as intercepted:
        yield intercepted


def called(mock: Any, **parameters: Any) -> Entry:
    with contextlib.suppress(httpx.HTTPError):
        httpx.post(URL, json=mock.body(**parameters), headers=KEY, timeout=500)
    last: Entry = mock.calls.last.entry
    return last


OF_CALLS = [name for name in faults.names() if faults.by_name(name).hook != "task"]


@pytest.mark.parametrize("name", OF_CALLS)
def test_a_call_with_a_fault_has_the_status_and_code_that_reached_the_client(mock: Any, name: str) -> None:
    """A call that never arrived is not a success."""
    mock.fault(name)

    call = called(mock, return_url=name in ("expired_url", "dead_link"))

    assert call.fired
    assert (call.status, call.code, call.delivered) == RECEIVED[name]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_call_that_never_arrived_is_found_by_what_was_decided_only(mock: Any, name: str) -> None:
    mock.fault(name)

    call = called(mock)

    assert (call.decided_status, call.decided_code, call.row) == (200, 10000, "10000")
    mock.assert_not_called(code=10000)
    mock.assert_called(code=None, decided_code=10000, delivered=name, times=1)
    assert mock.world.journal.entries(code=10000) == ()


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_log_and_the_console_text_say_that_no_code_arrived(mock: Any, name: str) -> None:
    mock.fault(name)

    call = called(mock)

    words = line(call).split()
    assert words[2] == "-"
    assert {f"delivered={name}", "decided=10000"} <= set(words)
    told = json.loads(json.dumps(summary(call)))
    assert (told["code"], told["delivered"], told["decided_code"]) == (None, name, 10000)


def test_a_retry_of_a_call_that_never_arrived_follows_no_code(mock: Any) -> None:
    mock.fault("reset", times=1)

    called(mock)
    again = called(mock)

    assert again.code == 10000
    assert again.retry is not None
    assert (again.retry["code"], again.retry["status"]) == NOTHING


@pytest.mark.parametrize("name", ["malformed_json", "html_502", "truncate"])
def test_attempts_after_a_broken_answer_count_as_attempts(mock: Any, name: str) -> None:
    """Four within a moment are a retry storm; an answer nobody could read does not end the series."""
    mock.clock.freeze()  # a busy machine must not add pauses of its own
    mock.fault(name)

    for _ in range(4):
        called(mock)

    assert "retry_storm" in [finding.name for finding in mock.verdict.findings]


@pytest.mark.parametrize("ending", ["left_early", "timed_out", "shut_down"])
def test_a_client_that_got_no_whole_answer_has_no_code(journal: Journal, ending: Any) -> None:
    opened(journal, entry(1, row=RISK), entry(2, row=RISK))

    journal.close("default-call-1", Delivered(1.0, ending, 0))
    journal.close("default-call-2", Delivered(1.0, ending, 10))

    first, second = journal.entries()
    assert (first.status, first.code, first.delivered, first.decided_code) == (None, None, ending, 50411)
    assert (second.status, second.code, second.delivered) == (400, None, ending)
    assert journal.entries(code=50411) == ()


def test_an_answer_in_flight_counts_as_decided_until_its_end(journal: Journal) -> None:
    opened(journal, entry(1, row=RISK))
    before = journal.entries(code=50411)

    journal.close("default-call-1", Delivered(1.0, "read_all", 10))

    assert [each.delivered for each in before] == ["waiting"]
    assert [each.delivered for each in journal.entries(code=50411)] == ["whole"]


def test_the_control_api_lists_what_was_received_and_what_was_decided(mock: Any) -> None:
    mock.fault("reset", times=1)
    called(mock)

    (call,) = httpx.Client(transport=httpx.WSGITransport(mock.app)).get("http://127.0.0.1/_mock/calls").json()["calls"]

    assert (call["status"], call["code"], call["delivered"]) == (None, None, "reset")
    assert (call["decided_status"], call["decided_code"]) == (200, 10000)


@pytest.fixture
def wrapped() -> Iterator[Any]:
    with VolcvMock(seed=7, reseller="wrapped-406").intercept(BASE) as intercepted:
        yield intercepted


def test_an_error_that_a_reseller_wraps_has_the_code_that_the_client_read(wrapped: Any) -> None:
    """The vendor's own code is text inside the message: no client compares it."""
    wrapped.fail(50411)

    answer = httpx.post(URL, json=wrapped.body(), headers=KEY)

    call = wrapped.calls.last
    assert (call.status, call.code, call.delivered) == (answer.status_code, answer.json()["code"], "whole")
    assert (call.code, call.decided_status, call.decided_code, call.row) == ("upstream_error", 400, 50411, "50411")
    assert "decided=50411" in line(call.entry)
    assert line(call.entry).split()[2] == summary(call.entry)["code"] == "upstream_error"


def test_a_wrapped_error_has_the_request_id_of_the_vendor(wrapped: Any) -> None:
    wrapped.fail(50411)

    answer = httpx.post(URL, json=wrapped.body(), headers=KEY).json()

    carried = json.loads(json.loads(answer["upsream_message"])["message"].removeprefix("not ok match: "))
    assert wrapped.calls.last.request_id == carried["request_id"] != ""


def test_the_archive_of_a_wrapped_error_has_nothing_that_the_reseller_did_not_say(wrapped: Any) -> None:
    wrapped.fail(50411)

    call = called(wrapped)

    content = har([call])["log"]["entries"][0]["response"]["content"]
    assert json.loads(content["text"]) == {"code": "upstream_error"}


def test_a_wrapped_error_is_found_by_its_code_and_by_what_was_decided(wrapped: Any) -> None:
    wrapped.fail(50411)

    called(wrapped)

    wrapped.assert_called(code="upstream_error", decided_code=50411, times=1)
    wrapped.assert_not_called(code=50411)
    assert [call.code for call in wrapped.world.journal.entries(code="upstream_error")] == ["upstream_error"]
    assert wrapped.world.journal.entries(code=50411) == ()


def test_a_retry_of_a_wrapped_error_names_the_code_that_the_client_read(wrapped: Any) -> None:
    """The finding names the vendor's: the reseller's is the same for what may pass later and what never will."""
    wrapped.fail(50411)

    called(wrapped)

    assert called(wrapped).retry["code"] == "upstream_error"
    (finding,) = wrapped.verdict.findings
    assert (finding.name, "Do not retry 50411" in finding.fix) == ("retried_refusal", True)
