"""Two mocks with one state are one mock: what is done at one is seen at the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.helpers.states import left_to_redis
from tests.server.scripted import until
from volcv_mock import VolcvMock
from volcv_mock.cli.workers import _status_by_verdict

Replicas = Callable[..., list[VolcvMock]]
CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-a-secret-key"}
JSON = {**KEY, "Content-Type": "application/json"}


def post(mock: VolcvMock, call: str = CALL, headers: dict[str, str] | None = None, **members: Any) -> TestResponse:
    return mock.app.test_client().post(call, json=mock.body(**members), headers={**KEY, **(headers or {})},
                                       buffered=True)  # fmt: skip


def code(mock: VolcvMock, **more: Any) -> int:
    return int(post(mock, **more).get_json()["code"])


def control(mock: VolcvMock, path: str, method: str = "GET", **more: Any) -> Any:
    return mock.app.test_client().open(f"/_mock{path}", method=method, **more).get_json()


def test_a_rule_added_at_one_counts_over_both(replicas: Replicas) -> None:
    a, b = replicas()

    a.fail(50411, times=2, skip=1)

    assert [code(each) for each in (b, a, b, a)] == [10000, 50411, 50411, 10000]
    [listed] = control(b, "/faults")["faults"]
    assert (listed["fired"], listed["skipped"], listed["remaining"]) == (2, 1, 0)


def test_a_sequence_takes_its_steps_over_both(replicas: Replicas) -> None:
    a, b = replicas()

    b.sequence(50412, None, 50413)

    assert [code(each) for each in (a, b, a, b)] == [50412, 10000, 50413, 10000]


def test_a_rule_of_the_settings_is_there_once(replicas: Replicas) -> None:
    a, b = replicas(faults=({"code": 50411, "times": 1},))

    assert [code(each) for each in (b, a, b)] == [50411, 10000, 10000]
    b.reset()
    assert [code(each) for each in (a, b)] == [50411, 10000]


def test_a_rule_about_a_key_finds_it_and_redis_has_only_its_digest(processes: Replicas) -> None:
    a, b = processes(in_flight=5)

    a.fail(50411, api_key="sk-a-secret-key")

    assert (code(b), code(b, headers={"Authorization": "Bearer sk-other"})) == (50411, 10000)
    assert control(b, "/faults")["faults"][0]["match"] == {"api_key": "sk-***"}
    assert b"a-secret-key" not in everything(a)


def everything(mock: VolcvMock) -> bytes:
    """All that Redis has of this mock."""
    ask, found = mock.world.state.connections.command, []
    reads = {b"none": ("GET",), b"string": ("GET",), b"hash": ("HGETALL",), b"zset": ("ZRANGE", 0, -1),
             b"set": ("SMEMBERS",), b"list": ("LRANGE", 0, -1)}  # fmt: skip
    for key in ask("KEYS", mock.world.state.connections.key("*")):
        word, *more = reads[ask("TYPE", key)]
        found.append(key + repr(ask(word, key, *more)).encode())
    return b"\n".join(found)


def test_the_journal_shows_the_calls_of_both_with_numbers_and_ids_of_their_own(replicas: Replicas) -> None:
    a, b = replicas()

    for each in (a, b, b, a):
        post(each, seed=-1)

    assert until(lambda: {call.client for call in b.calls} == {"read_all"})
    calls = b.calls
    assert [call.number for call in calls] == [1, 2, 3, 4]
    assert len({call.id for call in calls}) == len({call.result["digest"] for call in calls}) == 4
    assert [call.id for call in a.calls] == [call.id for call in calls]
    assert control(a, f"/calls/{calls[1].id}")["thumbnails"] == ["result", "picture", "mask"]
    picture = a.app.test_client().get(f"/_mock/calls/{calls[1].id}/picture?of=mask")
    assert picture.data.startswith(b"\xff\xd8")


def test_a_retry_is_recognised_at_the_other(replicas: Replicas) -> None:
    a, b = replicas()
    a.fail(50411)

    post(a), post(b)

    first, second = b.calls
    assert second.retry["of"] == first.id
    assert [finding.name for finding in a.verdict.findings] == [finding.name for finding in b.verdict.findings]


def test_calls_are_found_by_code_and_by_call(replicas: Replicas) -> None:
    a, b = replicas()
    a.fail(50411, times=1)
    post(a), post(b)

    found = control(b, "/calls?code=50411")["calls"]
    assert [call["code"] for call in found] == [50411]
    assert [call["code"] for call in control(b, f"/calls?since={found[0]['id']}")["calls"]] == [10000]
    assert len(control(a, "/calls?limit=1")["calls"]) == 1
    assert control(a, "/calls", "DELETE") == {"removed": 2}
    assert len(b.calls) == 0


def test_a_picture_link_of_one_is_served_by_the_other(replicas: Replicas) -> None:
    a, b = replicas()

    link = post(a, return_url=True).get_json()["data"]["image_urls"][0]
    path = link[link.index("/_mock") :]

    assert b.app.test_client().get(path).status_code == 200
    b.clock.advance(10 * 86400)
    assert a.app.test_client().get(path).status_code == 403
    a.reset()
    b.clock.reset()
    assert b.app.test_client().get(path).status_code == 404


def test_the_clock_is_one(replicas: Replicas) -> None:
    a, b = replicas()

    a.clock.freeze(1_000_000_000.0)

    assert control(b, "/clock")["now_s"] == 1_000_000_000.0
    post(b)
    assert a.calls.last.time_s == 1_000_000_000.0
    b.clock.advance(60)
    assert a.clock.now_s() == 1_000_000_060.0
    a.clock.resume()
    assert not control(b, "/clock")["is_frozen"]


def test_an_answer_that_waits_at_one_leaves_when_the_clock_is_moved_at_the_other(replicas: Replicas) -> None:
    a, b = replicas()
    b.delay(1000)
    moved = []

    unsubscribe = b.world.clock().subscribe(lambda: moved.append(b.world.clock().now_s()))
    before_s = b.world.clock().now_s()
    a.clock.advance(1000)

    assert until(lambda: moved and moved[-1] >= before_s + 1000)
    unsubscribe()


def test_latency_set_at_one_is_that_of_the_other_until_the_reset(replicas: Replicas) -> None:
    a, b = replicas()

    assert control(a, "/latency", "PUT", json={"latency": "250ms"}) == {"latency": {"default": "250ms"}}

    assert control(b, "/latency") == {"latency": {"default": "250ms"}}
    b.reset()
    assert control(a, "/latency") == {"latency": {"default": "off"}}


def test_a_reset_at_one_is_one_of_both(replicas: Replicas) -> None:
    a, b = replicas()
    a.fail(50411)
    first = post(b)

    a.reset()

    assert (len(b.calls), control(b, "/faults")) == (0, {"faults": []})
    assert post(b).headers["X-Volcv-Mock-Call"] == first.headers["X-Volcv-Mock-Call"]


def test_scopes_of_one_are_known_to_the_other(replicas: Replicas) -> None:
    a, b = replicas()
    post(a, headers={"X-Volcv-Mock-Scope": "t1"})
    everywhere = {"X-Volcv-Mock-Scope": "*"}

    assert sorted(control(b, "/clock", headers=everywhere)["scopes"]) == ["default", "t1"]
    assert len(control(b, "/calls", headers=everywhere)["calls"]) == 1


def test_equal_calls_get_the_bytes_of_one_process_whichever_replica_answers(
    processes: Replicas, make: Any, request: pytest.FixtureRequest
) -> None:
    """Random draws come from seed, scope, request and occurrence; the occurrence is counted over all processes."""
    left_to_redis(request, "400 calls")
    alone, shared = make(seed=7), processes(3, seed=7)
    bodies = [json.dumps(alone.body(**more)) for more in ({"seed": -1}, {"seed": 1}, {"seed": 2, "return_url": True})]
    refused = json.dumps({"req_key": "i2i_inpainting"})  # costs little, and has ids and random draws as the others
    plan = [refused if number % 25 else bodies[number // 25 % 3] for number in range(200)]

    answers = []
    for team in ([alone] * 3, shared):
        team[0].clock.freeze(1_000_000_000.0)
        team[0].fail(50411, probability=0.4)
        clients = [mock.app.test_client() for mock in team]
        answers.append([clients[number % 3].post(CALL, data=body, headers=JSON) for number, body in enumerate(plan)])

    one, three = ([(each.status_code, each.data, each.headers["X-Volcv-Mock-Call"]) for each in found]
                  for found in answers)  # fmt: skip
    assert one == three
    assert 50411 in {json.loads(body)["code"] for _, body, _ in one}


def test_a_planted_pickle_is_not_read(processes: Replicas) -> None:
    a, b = processes()
    post(a)
    hostile = b"cbuiltins\nexec\n(S'raise SystemExit'\ntR."
    connections, call_id = a.world.state.connections, b.calls.last.id

    connections.command("HSET", connections.key("j"), call_id, hostile)

    assert (len(b.calls), b.world.journal.get(call_id)) == (0, None)


def test_a_call_of_a_process_that_has_died_is_lost(processes: Replicas) -> None:
    from tests.helpers.calls import entry

    a, b = processes()
    a.world.journal.open(entry(1))
    connections = b.world.state.connections
    connections.command("ZREM", connections.key("replicas"), a.world.state.replica)

    assert b.calls.last.client == "lost"


def test_what_the_app_showed_is_stated_at_one_and_known_at_both(replicas: Replicas) -> None:
    a, b = replicas()
    a.fault("ghost_face")
    post(a)
    assert b.verdict.not_observable

    b.app_showed("fallback")
    a.app_showed("picture")  # the first statement about a call stays

    assert [each.verdict.not_observable for each in (a, b)] == [(), ()]
    assert [each.verdict.findings for each in (a, b)] == [(), ()]
    post(b, seed=9)
    assert a.verdict.not_observable
    a.reset()
    assert not b.world.journal.statements.of_scope("default")


def test_after_the_workers_have_ended_fail_on_judges_the_calls_of_all(processes: Replicas) -> None:
    a, b = processes(fail_on="error")
    a.fail(50411)
    for each in (a, b, a):
        post(each)
    a.close()
    b.close()

    assert _status_by_verdict(b.world.settings) == 1


def test_what_changes_at_one_is_an_event_at_the_other(processes: Replicas) -> None:
    """At most one a second, so that a busy replica does not wake the others for each call; and none comes back."""
    a, b = processes()
    heard: list[int] = []
    unsubscribe = b.world.changes.subscribe(lambda: heard.append(1))

    post(a)
    a.world.state._beat()

    assert until(lambda: heard)
    unsubscribe()
    told: list[int] = []
    b.world.state.tell_changed = lambda: told.append(1)
    b.world.state._beat()
    assert told == []


def test_clocks_follow_that_of_redis(processes: Replicas) -> None:
    """Read every minute; a difference that the round trip may explain is none."""
    [mock] = processes(1)
    state, clock = mock.world.state, mock.world.clock()
    right_s = clock.now_s()
    state._real_offset_s += 1000.0
    clock.follow_time()
    assert clock.now_s() >= right_s + 1000.0

    state._beat()
    assert clock.now_s() >= right_s + 1000.0
    state._measured_at_s = float("-inf")
    state._beat()

    assert abs(clock.now_s() - right_s) < 900.0


def test_no_process_of_a_machine_shows_an_earlier_time_than_another_did_before(processes: Replicas) -> None:
    """Each measures the time of Redis with an error of its own; the first one's counts for all."""
    team = processes(3)
    clocks = [mock.world.clock() for mock in team]
    shown = [clocks[number % 3].now_s() for number in range(300)]
    assert shown == sorted(shown)

    before_s = clocks[1].now_s()
    clocks[2].advance(60)

    assert all(control(mock, "/clock")["now_s"] >= before_s + 60 for mock in team)


def test_a_slow_state_is_said_in_the_log(processes: Replicas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volcv_mock.telemetry.slowness.EVERY_S", 0.0)
    [mock], said = processes(1), list[str]()
    mock.world.log.write_message = said.append

    for _ in range(1000):
        mock.world.metrics.asked_state(0.2)
    mock.world.state._beat()

    assert until(lambda: said)
    assert said[0].startswith("volcv-mock: WARNING: the common state is slow: ")
