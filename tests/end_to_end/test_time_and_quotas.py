"""Latency, clock and quotas through the whole of `volcv-mock serve`: how long clients wait, and how many may.

Time is the scope's: a test freezes its clock, sees an answer wait, and moves the clock.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from volcengine.visual.VisualService import VisualService

from tests.cli.process import Serving
from tests.faults.show import SHOWS, Exchange
from tests.helpers.desk import (
    ACCESS_KEY,
    SECRET_KEY,
    SOUND,
    UNSOUND,
    ClientRequest,
    Desk,
    at_once,
    code_of,
    codes,
    listed,
    received,
    rule,
    scene,
    scope_of,
)
from volcv_mock import contract

DAY_S = 86400


# Latency ------------------------------------------------------------------------------------------


def planned(desk: Desk, call: ClientRequest = SOUND) -> float:
    """The delay of one call, which is seen to wait for all of it and to tell it."""
    with desk.open(call) as connection:
        (waiting,) = desk.until("waiting", 1)
        delay_s = float(waiting["planned_delay_s"])
        desk.advance(delay_s - 0.001)
        assert select.select([connection], [], [], 0)[0] == []
        desk.advance(0.001001)
        answer = Exchange(*received(connection, 10**6), scene(), scene())
    assert seconds(answer.document["time_elapsed"]) == pytest.approx(delay_s, abs=1e-6)
    desk.until("read_all", 1)
    desk.control("DELETE", "calls")
    return delay_s


def seconds(elapsed: str) -> float:
    return float(elapsed[:-2]) / 1000 if elapsed.endswith("ms") else float(elapsed[:-1])


def expected_s(req_key: str) -> float:
    return float(contract.operation(req_key).timing.expected_s(steps=25, pixels=96 * 80, quality="M"))


def test_latency_may_differ_by_operation_and_every_kind_waits_as_it_says(desk: Desk) -> None:
    desk.freeze()
    setting = {"default": "2.5s", "i2i_inpainting_edit": "2x", "i2i_inpainting": "1s..3s"}
    desk.control("PUT", "latency", {"latency": setting})

    double = planned(desk)
    constant = planned(desk, ClientRequest({"req_key": "img2img_inpainting_edit_zi2i"}))
    uniform = {planned(desk, ClientRequest({"req_key": "i2i_inpainting", "seed": seed})) for seed in range(3)}

    assert double == pytest.approx(2 * expected_s("i2i_inpainting_edit"), rel=0.01)
    assert constant == 2.5
    assert len(uniform) == 3
    assert all(1 <= delay_s <= 3 for delay_s in uniform)


def test_realistic_spreads_around_the_model_and_repeats_with_the_seed(desk: Desk) -> None:
    """Two processes with the same seed, one told by the control API and one by a flag."""
    desk.control("PUT", "latency", {"latency": "realistic"})
    with Serving("--seed", "7", "--log", "off", "--latency", "realistic") as process:
        runs = []
        for each in (desk, Desk(process.url, desk.scope)):
            each.freeze(now="2026-01-31T12:00:00Z")
            runs.append([planned(each, ClientRequest({"seed": seed})) for seed in range(4)])

    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 4
    model_s = expected_s("i2i_inpainting_edit")
    assert all(model_s / 3 < delay_s < model_s * 3 for delay_s in runs[0])


def test_a_request_may_ask_for_a_delay_of_its_own(desk: Desk) -> None:
    desk.freeze()
    desk.control("PUT", "latency", {"latency": "2.5s"})

    assert planned(desk, ClientRequest(headers={"X-Volcv-Mock": "delay=750ms"})) == 0.75


def test_the_delay_counts_from_the_requests_arrival(desk: Desk) -> None:
    """A body that comes late has used up some of its wait: its answer goes before that of a later request."""
    desk.freeze()
    delayed = ClientRequest(headers={"X-Volcv-Mock": "delay=10s", "Expect": "100-continue"})
    head, mark, body = desk.request(delayed, scene()).partition(b"\r\n\r\n")
    with desk.connect() as late_body:
        late_body.sendall(head + mark)
        assert late_body.recv(65536).startswith(b"HTTP/1.1 100")  # the head has been read: the request has arrived
        desk.advance(6)
        late_body.sendall(body)
        with desk.open(ClientRequest(headers={"X-Volcv-Mock": "delay=10s"})) as second:
            desk.until("waiting", 2)
            desk.advance(4)
            assert received(late_body, 10**6)[1] == "whole"
            assert select.select([second], [], [], 0)[0] == []
            desk.advance(6)
            assert received(second, 10**6)[1] == "whole"

    first_call, second_call = sorted(desk.until("read_all", 2), key=lambda call: call["time_s"])
    assert second_call["time_s"] - first_call["time_s"] == 6


# Clock --------------------------------------------------------------------------------------------


def test_moving_the_clock_releases_everybody_whose_time_has_come(desk: Desk) -> None:
    desk.freeze()
    waits = [
        desk.open(ClientRequest({"seed": each}, headers={"X-Volcv-Mock": f"delay={each}s"})) for each in (1, 2, 50)
    ]
    desk.until("waiting", 3)

    desk.advance(10)

    desk.until("read_all", 2)
    assert [bool(select.select([each], [], [], 0)[0]) for each in waits] == [True, True, False]
    for each in waits:
        each.close()


def test_a_frozen_clock_gives_the_same_answers_byte_for_byte_in_another_process() -> None:
    """Reading and deciding take real time; none of it may show."""
    runs = []
    for _ in range(2):
        with Serving("--seed", "7", "--log", "off") as process:
            desk = Desk(process.url, "a-run")
            desk.freeze(now="2026-01-31T12:00:00Z")
            runs.append([desk.ask().body for _ in range(3)] + [desk.ask(UNSOUND).body])
            assert {call["time"] for call in desk.calls()} == {"2026-01-31T12:00:00.000Z"}

    assert runs[0] == runs[1]


def test_a_picture_link_lives_a_day_of_the_scopes_clock(desk: Desk) -> None:
    desk.freeze()
    linked = desk.ask(ClientRequest({"return_url": True}))
    assert not SHOWS["expired_url"](linked)

    desk.advance(DAY_S + 1)

    assert SHOWS["expired_url"](linked)


def test_signatures_are_judged_on_real_time_however_far_the_clock_was_moved(url: str) -> None:
    """The official SDK signs with its own clock, and names no scope."""
    desk = Desk(url, "default")

    desk.advance(10 * DAY_S)

    assert signed(desk)["code"] == 10000


def test_a_skew_is_added_when_signatures_are_judged() -> None:
    """Beyond the 15 minutes that a signature lives."""
    flags = ("--clock-skew-s", "1000", "--log", "off", "--ak", ACCESS_KEY, "--sk", SECRET_KEY)
    with Serving(*flags) as process, pytest.raises(Exception, match="InvalidTimestamp"):
        signed(Desk(process.url, "default"))


def signed(desk: Desk) -> Any:
    """One call of the official SDK."""
    service = VisualService()
    service.set_scheme("http")
    service.set_host(desk.url.removeprefix("http://"))
    service.set_ak(ACCESS_KEY)
    service.set_sk(SECRET_KEY)
    return service.cv_process(json.loads(desk.request(ClientRequest(), scene()).partition(b"\r\n\r\n")[2]))


# Quotas -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("limited") / "mock.toml"
    file.write_text("[quotas]\nin_flight = 2\n", encoding="utf-8")
    with Serving("--config", str(file), "--log", "off") as process:
        yield process.url


@pytest.fixture
def counter(limited: str, request: pytest.FixtureRequest) -> Desk:
    place = Desk(limited, scope_of(request.node.name))
    place.freeze()
    return place


def leave(connection: socket.socket) -> None:
    connection.close()


def leave_by_reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("override", ["delay=1h", "fault=hang; duration=1h", "fault=drip; duration=1h"])
@pytest.mark.parametrize("go", [leave, leave_by_reset])
def test_a_slot_is_given_back_when_its_client_leaves(
    counter: Desk, override: str, go: Callable[[socket.socket], None]
) -> None:
    waits = [counter.open(ClientRequest(headers={"X-Volcv-Mock": override})) for _ in range(2)]
    counter.until("waiting", 2)
    refused = counter.ask()
    assert (refused.status, refused.document["code"], refused.data) == (429, 50430, None)
    assert "retry-after" not in refused.headers
    assert counter.calls()[-1]["quota"] | {"in_flight": 2, "in_flight_limit": 2} == counter.calls()[-1]["quota"]

    for each in waits:
        go(each)

    counter.until("left_early", 2)
    assert code_of(counter.ask()) == 10000


@pytest.mark.parametrize("override", ["fault=reset", "fault=empty", "fault=truncate", "fault=bad_length", "fault=hang",
                                  "code=50411", "fault=html_502"])  # fmt: skip
def test_a_slot_is_given_back_after_every_kind_of_answer(counter: Desk, override: str) -> None:
    for number in range(3):
        counter.send(
            ClientRequest({"seed": number}, headers={"X-Volcv-Mock": override}), {"fault": override[6:]}, scene()
        )
        counter.until(
            "broken_on_purpose" if "=html" not in override and "code" not in override else "read_all", number + 1
        )

    assert code_of(counter.ask()) == 10000
    assert counter.calls()[-1]["quota"]["in_flight"] == 0


def test_quotas_are_kept_per_key_and_per_scope(counter: Desk) -> None:
    with (
        closing(counter.open(ClientRequest(headers={"X-Volcv-Mock": "delay=1h"}))),
        closing(counter.open(ClientRequest(headers={"X-Volcv-Mock": "delay=1h"}))),
    ):
        counter.until("waiting", 2)

        assert code_of(counter.ask()) == 50430
        assert code_of(counter.ask(ClientRequest(key="sk-another"))) == 10000
        assert code_of(Desk(counter.url, f"{counter.scope[:100]}/other").ask()) == 10000


RATED: Mapping[str, tuple[list[str], dict[str, str]]] = {
    "flags": (["--requests-per-second", "2", "--retry-after-s", "3"], {}),
    "environment": ([], {"VOLCV_MOCK_REQUESTS_PER_SECOND": "2", "VOLCV_MOCK_RETRY_AFTER_S": "3"}),
}


@pytest.mark.parametrize("source", RATED)
def test_the_rate_is_counted_on_the_scopes_clock(source: str) -> None:
    flags, environ = RATED[source]
    with Serving(*flags, "--log", "off", environ=environ) as process:
        desk = Desk(process.url, "a-run")
        desk.freeze(now="2026-01-31T12:00:00Z")
        met = at_once(10, desk.ask)
        assert sorted(answer.document["code"] for answer in met) == [10000] * 2 + [50429] * 8
        refused = next(answer for answer in met if answer.status == 429)
        assert (refused.headers["retry-after"], refused.data) == ("3", None)
        assert {call["quota"]["requests_in_window"] for call in desk.calls() if call["status"] == 429} == {2}

        desk.advance(0.999)
        assert code_of(desk.ask()) == 50429
        desk.advance(0.001)
        assert codes(desk, 3) == [10000, 10000, 50429]


def test_a_request_over_its_quota_spends_no_rule(counter: Desk) -> None:
    with (
        closing(counter.open(ClientRequest(headers={"X-Volcv-Mock": "delay=1h"}))),
        closing(counter.open(ClientRequest(headers={"X-Volcv-Mock": "delay=1h"}))),
    ):
        counter.until("waiting", 2)
        rule(counter, code=50411, times=1)

        assert codes(counter, 2) == [50430, 50430]
        assert listed(counter)["fired"] == 0
