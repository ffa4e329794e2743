"""The header `traceparent`: which values name a trace, and where the id is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.calls import entry
from volcv_mock import VolcvMock
from volcv_mock.journal.log import line, summary
from volcv_mock.telemetry.traceparent import TraceParent, traceparent

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEX = "0123456789abcdef"


def digits(number: int) -> st.SearchStrategy[str]:
    return st.text(HEX, min_size=number, max_size=number).filter(lambda text: text.strip("0") != "")


@given(trace=digits(32), parent=digits(16), flags=st.integers(0, 255))
def test_a_value_of_version_00_names_trace_parent_and_whether_it_is_recorded(
    trace: str, parent: str, flags: int
) -> None:
    assert traceparent(f"00-{trace}-{parent}-{flags:02x}") == TraceParent(trace, parent, flags % 2 == 1)


@pytest.mark.parametrize(
    "value",
    [
        None, "", "00", f"ff-{TRACE}-{PARENT}-01", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01-more", f"00-{TRACE}-{PARENT}", "ünïcode",
    ],
)  # fmt: skip
def test_a_value_that_the_specification_does_not_permit_is_ignored(value: str | None) -> None:
    assert traceparent(value) is None


def test_a_later_version_may_have_more_fields() -> None:
    assert traceparent(f"01-{TRACE}-{PARENT}-01-what-comes") == TraceParent(TRACE, PARENT, True)


@given(st.text(max_size=80))
def test_no_text_is_an_error(value: str) -> None:
    traceparent(value)


def test_a_call_is_found_by_the_trace_of_its_client() -> None:
    mock = VolcvMock()
    client = mock.app.test_client()
    query = {"Action": "CVProcess", "Version": "2022-08-31"}
    for headers in ({"traceparent": f"00-{TRACE}-{PARENT}-01"}, {}):
        client.post("/volcv/v1", query_string=query, json={}, headers=headers)

    calls = client.get(f"/_mock/calls?trace={TRACE}").get_json()["calls"]

    assert [call["trace"] for call in calls] == [{"id": TRACE, "parent": PARENT, "sampled": True}]
    assert [call["trace"] for call in client.get("/_mock/calls").get_json()["calls"]] == [calls[0]["trace"], None]


def test_pictures_named_by_url_are_fetched_as_a_part_of_the_clients_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value of another version is passed on as version 00; one that names no trace is not passed on."""
    mock, sent = VolcvMock(image_urls="stand-in"), list[str]()
    fetch = mock.world.fetcher.fetch
    monkeypatch.setattr(mock.world.fetcher, "fetch", lambda urls, trace: sent.append(trace) or fetch(urls, trace))
    body = {"req_key": "i2i_inpainting", "image_urls": ["https://a.example/a.jpg", "https://a.example/mask.png"]}

    for headers in ({"traceparent": f"01-{TRACE}-{PARENT}-01-more"}, {"traceparent": "00-no-trace"}, {}):
        mock.app.test_client().post(
            "/volcv/v1?Action=CVProcess&Version=2022-08-31", json=body,
            headers={"Authorization": "Bearer sk-a", **headers},
        )  # fmt: skip

    assert sent == [f"00-{TRACE}-{PARENT}-01", "", ""]


def test_what_is_no_trace_id_is_refused_with_what_is_permitted() -> None:
    response = VolcvMock().app.test_client().get("/_mock/calls?trace=7")

    assert (response.status_code, "32 hex digits" in response.get_json()["error"]["message"]) == (400, True)


def test_the_log_names_the_trace_in_both_forms() -> None:
    told = replace(entry(), trace={"id": TRACE, "parent": PARENT, "sampled": False})

    assert f" trace={TRACE}" in line(told)
    assert json.loads(json.dumps(summary(told)))["trace_id"] == TRACE
    assert ("trace=" in line(entry()), summary(entry())["trace_id"]) == (False, "")
