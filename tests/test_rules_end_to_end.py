"""Rules, latency, clock and quotas through the whole of `volcv-mock serve`: what clients meet, and in which scope.

Time is the scope's: a test freezes its clock, sees an answer wait, and moves the clock.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from volcengine.visual.VisualService import VisualService

from tests.commands.process import Serving
from tests.desk import DEADLINE_S, Call, Desk, received, scene, scope_of
from tests.faults.show import SHOWS, Exchange
from volcv_mock import contract

ACCESS_KEY, SECRET_KEY = "AKLTtestaccesskey", "c2VjcmV0LW9mLXRoZS10ZXN0cw=="
SOUND, UNSOUND = Call(), Call({"seed": "seven"})
DAY_S = 86400


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Serving("--seed", "7", "--log", "off", "--auth", "any", "--ak", ACCESS_KEY, "--sk", SECRET_KEY) as process:
        yield process.url


@pytest.fixture
def desk(url: str, request: pytest.FixtureRequest) -> Desk:
    return Desk(url, scope_of(request.node.name))


def codes(desk: Desk, count: int, call: Call = SOUND) -> list[Any]:
    return [code_of(desk.ask(call)) for _ in range(count)]


def code_of(answer: Exchange) -> Any:
    """The code, or how the connection ended without one."""
    return answer.document["code"] if answer.received else answer.ending


def rule(desk: Desk, **spec: Any) -> None:
    desk.control("POST", "faults", spec)


def listed(desk: Desk) -> dict[str, Any]:
    return dict(desk.control("GET", "faults")["faults"][0])


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(count)

    def begin(_: int) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


# Rules --------------------------------------------------------------------------------------------

STORIES: Mapping[str, tuple[dict[str, Any], list[Any]]] = {
    "times": ({"code": 50411, "times": 2}, [50411, 50411, 10000, 10000]),
    "skip": ({"code": 50411, "skip": 2}, [10000, 10000, 50411, 50411]),
    "skip and times": ({"fault": "reset", "skip": 1, "times": 1}, [10000, "reset", 10000]),
    "sequence": (
        {"sequence": [{"code": 50429}, {"pass": True}, {"fault": "empty"}]},
        [50429, 10000, "closed", 10000],
    ),
    "sequence twice": ({"sequence": [{"code": 50429}, {"pass": True}], "times": 2}, [50429, 10000] * 2 + [10000]),
    "sequence after skip": ({"sequence": [{"code": 50429}, {"code": 50500}], "skip": 1}, [10000, 50429, 50500, 10000]),
    "call number": ({"code": 50500, "match": {"call_number": 3}}, [10000, 10000, 50500, 10000]),
    "never": ({"code": 50411, "probability": 0}, [10000, 10000]),
    "always": ({"code": 50411, "probability": 1}, [50411, 50411]),
    "another operation": ({"code": 50411, "match": {"req_key": "i2i_inpainting"}}, [10000]),
    "another key": ({"code": 50411, "match": {"api_key": "sk-other"}}, [10000]),
    "this key": ({"code": 50411, "match": {"api_key": "sk-any", "prompt_contains": "puppy"}}, [50411]),
    "half a match": ({"code": 50411, "match": {"api_key": "sk-any", "prompt_contains": "kitten"}}, [10000]),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_rule_strikes_when_it_says(desk: Desk, story: str) -> None:
    spec, expected = STORIES[story]
    rule(desk, **spec)

    assert codes(desk, len(expected)) == expected
    row = listed(desk)
    assert row["fired"] == sum(each != 10000 for each in expected)
    assert row["remaining"] in (None, 0)


def test_fifty_clients_at_once_meet_a_rule_exactly_as_often_as_it_says(desk: Desk) -> None:
    rule(desk, code=50411, times=5)

    met = at_once(50, lambda: code_of(desk.ask()))

    assert (met.count(50411), met.count(10000)) == (5, 45)
    assert (listed(desk)["fired"], listed(desk)["remaining"]) == (5, 0)


def test_fifty_clients_at_once_take_each_step_of_a_sequence_once(desk: Desk) -> None:
    rule(desk, sequence=[{"code": 50411}, {"code": 50412}, {"code": 50413}, {"code": 50411}])

    met = at_once(50, lambda: code_of(desk.ask()))

    assert sorted(met) == [10000] * 46 + [50411, 50411, 50412, 50413]


@pytest.mark.parametrize("act", [{"code": 50411}, {"code": 50511}, {"fault": "black"}, {"fault": "truncate"},
                                 {"delay_s": 0}, {"sequence": [{"pass": True}]}], ids=str)  # fmt: skip
def test_a_request_refused_for_its_own_mistake_spends_nothing(desk: Desk, act: dict[str, Any]) -> None:
    rule(desk, **act, **({} if "sequence" in act else {"skip": 1, "times": 1}))
    before = listed(desk)

    assert codes(desk, 3, UNSOUND) == [50200] * 3
    assert desk.ask(Call(headers={"Authorization": "nonsense"})).status == 401
    assert listed(desk) == before


def outcomes(seed: str, spec: dict[str, Any]) -> list[Any]:
    """What twenty calls meet in a process of its own; the picture, the order and the scope are the same."""
    with Serving("--seed", seed, "--log", "off") as process:
        desk = Desk(process.url, "a-run")
        rule(desk, **spec)
        return codes(desk, 20)


def test_the_same_seed_strikes_the_same_calls_in_another_process() -> None:
    spec = {"code": 50500, "probability": 0.5}

    first, again, other = (outcomes(seed, spec) for seed in ("7", "7", "8"))

    assert set(first) == {10000, 50500}
    assert first == again != other


def test_a_scope_holds_a_thousand_rules_and_says_so(desk: Desk) -> None:
    desk.control("POST", "faults", [{"code": 50411, "match": {"prompt_contains": "never"}}] * 1000)

    with pytest.raises(urllib.error.HTTPError) as refused:
        rule(desk, code=50411)

    assert "1000 rules already" in json.load(refused.value)["error"]["message"]
    assert len(desk.control("GET", "faults")["faults"]) == 1000
    assert codes(desk, 1) == [10000]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"cod": 50411}, ["$.cod", "Did you mean 'code'?", "delay_s, sequence, duration_s, match, skip, times"]),
        ({"fault": "rest"}, ["$.fault", "Did you mean 'reset'?", "truncate, drip, hang"]),
        ({"code": 50411, "match": {"req_key": "i2i_inpaint"}}, ["$.match.req_key", "Did you mean 'i2i_inpainting'?"]),
        ({"code": 50411, "match": {"key": 1}}, ["$.match.key", "req_key, api_key, prompt_contains, call_number"]),
        ({"sequence": [{"pass": True}, {"fautl": "reset"}]}, ["$.sequence[1].fautl", "Did you mean 'fault'?"]),
        ({"code": 50411, "fault": "reset"}, ["code and fault", "exactly one of"]),
        ({"fault": "reset", "duration_s": 1}, ["$.duration_s", "drip or hang"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_rule_is_refused_with_what_is_permitted_and_the_nearest_name(
    desk: Desk, spec: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        rule(desk, **spec)

    message = json.load(refused.value)["error"]["message"]
    assert [word for word in words if word not in message] == []
    assert desk.control("GET", "faults")["faults"] == []


# Latency ------------------------------------------------------------------------------------------


def planned(desk: Desk, call: Call = SOUND) -> float:
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
    constant = planned(desk, Call({"req_key": "img2img_inpainting_edit_zi2i"}))
    uniform = {planned(desk, Call({"req_key": "i2i_inpainting", "seed": seed})) for seed in range(3)}

    assert double == pytest.approx(2 * expected_s("i2i_inpainting_edit"), rel=0.01)
    assert constant == 2.5
    assert len(uniform) == 3
    assert all(1 <= delay_s <= 3 for delay_s in uniform)


def test_realistic_spreads_around_the_model_and_repeats_with_the_seed() -> None:
    runs = []
    for _ in range(2):
        with Serving("--seed", "7", "--log", "off", "--latency", "realistic") as process:
            desk = Desk(process.url, "a-run")
            desk.freeze(now="2026-01-31T12:00:00Z")
            runs.append([planned(desk, Call({"seed": seed})) for seed in range(4)])

    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 4
    model_s = expected_s("i2i_inpainting_edit")
    assert all(model_s / 3 < delay_s < model_s * 3 for delay_s in runs[0])


def test_a_request_may_ask_for_a_delay_of_its_own(desk: Desk) -> None:
    desk.freeze()
    desk.control("PUT", "latency", {"latency": "2.5s"})

    assert planned(desk, Call(headers={"X-Volcv-Mock": "delay=750ms"})) == 0.75


def test_the_delay_counts_from_the_requests_arrival(desk: Desk) -> None:
    """A body that comes late has used up some of its wait."""
    head, mark, body = desk.request(Call(headers={"X-Volcv-Mock": "delay=1200ms"}), scene()).partition(b"\r\n\r\n")
    with desk.connect() as connection:
        connection.sendall(head + mark)
        connection.settimeout(1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(DEADLINE_S)
        connection.sendall(body)
        body_sent_at = time.monotonic()
        assert received(connection, 10**6)[1] == "whole"

        assert time.monotonic() - body_sent_at < 1.1
    (call,) = desk.until("read_all", 1)
    assert call["delay_s"] >= 1.2


# Clock --------------------------------------------------------------------------------------------


def test_moving_the_clock_releases_everybody_whose_time_has_come(desk: Desk) -> None:
    desk.freeze()
    waits = [desk.open(Call({"seed": each}, headers={"X-Volcv-Mock": f"delay={each}s"})) for each in (1, 2, 50)]
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
    linked = desk.ask(Call({"return_url": True}))
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
    return service.cv_process(json.loads(desk.request(Call(), scene()).partition(b"\r\n\r\n")[2]))


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


@pytest.mark.parametrize("wish", ["delay=1h", "fault=hang; duration=1h", "fault=drip; duration=1h"])
@pytest.mark.parametrize("go", [leave, leave_by_reset])
def test_a_slot_is_given_back_when_its_client_leaves(
    counter: Desk, wish: str, go: Callable[[socket.socket], None]
) -> None:
    waits = [counter.open(Call(headers={"X-Volcv-Mock": wish})) for _ in range(2)]
    counter.until("waiting", 2)
    refused = counter.ask()
    assert (refused.status, refused.document["code"], refused.data) == (429, 50430, None)
    assert "retry-after" not in refused.headers
    assert counter.calls()[-1]["quota"] | {"in_flight": 2, "in_flight_limit": 2} == counter.calls()[-1]["quota"]

    for each in waits:
        go(each)

    counter.until("left_early", 2)
    assert code_of(counter.ask()) == 10000


@pytest.mark.parametrize("wish", ["fault=reset", "fault=empty", "fault=truncate", "fault=bad_length", "fault=hang",
                                  "code=50411", "fault=html_502"])  # fmt: skip
def test_a_slot_is_given_back_after_every_kind_of_answer(counter: Desk, wish: str) -> None:
    for number in range(3):
        counter.send(Call({"seed": number}, headers={"X-Volcv-Mock": wish}), {"fault": wish[6:]}, scene())
        counter.until("broken_on_purpose" if "=html" not in wish and "code" not in wish else "read_all", number + 1)

    assert code_of(counter.ask()) == 10000
    assert counter.calls()[-1]["quota"]["in_flight"] == 0


def test_quotas_are_kept_per_key_and_per_scope(counter: Desk) -> None:
    with (
        closing(counter.open(Call(headers={"X-Volcv-Mock": "delay=1h"}))),
        closing(counter.open(Call(headers={"X-Volcv-Mock": "delay=1h"}))),
    ):
        counter.until("waiting", 2)

        assert code_of(counter.ask()) == 50430
        assert code_of(counter.ask(Call(key="sk-another"))) == 10000
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
        closing(counter.open(Call(headers={"X-Volcv-Mock": "delay=1h"}))),
        closing(counter.open(Call(headers={"X-Volcv-Mock": "delay=1h"}))),
    ):
        counter.until("waiting", 2)
        rule(counter, code=50411, times=1)

        assert codes(counter, 2) == [50430, 50430]
        assert listed(counter)["fired"] == 0


# Scopes -------------------------------------------------------------------------------------------


def test_nothing_of_one_scope_reaches_another(desk: Desk) -> None:
    other = Desk(desk.url, f"{desk.scope[:100]}/other")
    rule(desk, code=50411)
    desk.control("PUT", "latency", {"latency": "5s"})
    desk.freeze(now="2026-01-31T12:00:00Z")

    assert codes(other, 2) == [10000, 10000]
    assert other.control("GET", "faults")["faults"] == []
    assert other.control("GET", "latency")["latency"] == {"default": "off"}
    assert other.control("GET", "clock")["is_frozen"] is False
    assert [call["number"] for call in other.calls()] == [1, 2]
    assert desk.calls() == []


def test_a_key_may_name_the_scope(desk: Desk) -> None:
    named = Desk(desk.url, "from-a-key")
    rule(named, code=50411)
    request = named.request(Call(key="sk-scope-from-a-key"), scene())
    without_header = request.replace(b"X-Volcv-Mock-Scope: from-a-key\r\n", b"")
    with desk.connect() as connection:
        connection.sendall(without_header)

        assert code_of(Exchange(*received(connection, 10**6), scene(), scene())) == 50411
