"""Control API: how rules, latency and clock are set, returned, refused and reset."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.control.control_client import filled, message, send
from tests.helpers.calls import NOW_S
from volcv_mock import contract
from volcv_mock.simulation.clock import LATEST_S
from volcv_mock.world import World


def test_a_rule_is_added_listed_and_removed(client: FlaskClient) -> None:
    send(client, "DELETE", "/faults")

    added = send(client, "POST", "/faults", {"code": 50411, "times": 2})

    assert added.status_code == 201
    rule = added.get_json()["faults"][0]
    assert (rule["code"], rule["fired"], rule["remaining"], rule["scope"]) == (50411, 0, 2, "default")
    assert send(client, "GET", "/faults").get_json() == added.get_json()
    assert send(client, "DELETE", f"/faults/{rule['id']}").get_json() == {"removed": 1}
    assert send(client, "DELETE", f"/faults/{rule['id']}").status_code == 404


def test_several_rules_are_added_together_or_not_at_all(client: FlaskClient) -> None:
    send(client, "DELETE", "/faults")

    refused = send(client, "POST", "/faults", [{"code": 50411}, {"fault": "rest"}])
    added = send(client, "POST", "/faults", [{"code": 50411}, {"fault": "reset"}])

    assert refused.status_code == 400
    assert "$[1].fault" in message(refused)
    assert "reset" in message(refused)
    assert len(added.get_json()["faults"]) == len(send(client, "GET", "/faults").get_json()["faults"]) == 2


def test_more_rules_than_a_scope_holds_are_refused_as_a_whole(client: FlaskClient) -> None:
    """One rule is there already, from the settings."""
    response = send(client, "POST", "/faults", [{"code": 50411}] * 1000)

    assert response.status_code == 400
    assert len(send(client, "GET", "/faults").get_json()["faults"]) == 1


def test_rules_are_kept_apart_by_scope(client: FlaskClient) -> None:
    send(client, "POST", "/faults", {"code": 50411}, scope="t1")

    assert len(send(client, "GET", "/faults", scope="t1").get_json()["faults"]) == 1
    assert len(send(client, "GET", "/faults", scope="t2").get_json()["faults"]) == 0
    assert {rule["scope"] for rule in send(client, "GET", "/faults", scope="*").get_json()["faults"]} == {
        "default",
        "t1",
    }


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"cod": 50411}, "code"),
        ({"code": 99999}, "code"),
        ({"fault": "reset", "times": 0}, "times"),
        ({"code": 50411, "match": {"req_key": "i2i_inpaintin"}}, "i2i_inpainting"),
        ({"code": 50411, "probability": 2}, "probability"),
        ([], "a list of 1 to"),
        (7, "$"),
        (None, "$"),
    ],
)
def test_a_bad_rule_is_refused_with_what_is_permitted(client: FlaskClient, body: Any, word: str) -> None:
    response = send(client, "POST", "/faults", body)

    assert response.status_code == 400
    assert word in message(response)


def test_a_rule_never_shows_the_key_it_matches(client: FlaskClient) -> None:
    response = send(client, "POST", "/faults", {"code": 50411, "match": {"api_key": "sk-nobody-may-see"}})

    assert b"nobody-may-see" not in response.data + send(client, "GET", "/faults").data


def test_latency_is_set_and_returned_in_the_same_shape(client: FlaskClient) -> None:
    send(client, "PUT", "/latency", {"latency": "realistic"})

    set_by_key = send(client, "PUT", "/latency", {"latency": {"default": "off", "byteedit_v2.0": "2s"}}).get_json()

    assert set_by_key == send(client, "GET", "/latency").get_json()
    assert set_by_key == {"latency": {"default": "off", "byteedit_v2.0": "2s"}}
    assert send(client, "PUT", "/latency", set_by_key).get_json() == set_by_key


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"latency": "fast"}, "realistic"),
        ({"latency": 3}, "realistic"),
        ({"latency": {"i2i_inpaintin": "2s"}}, "Did you mean 'i2i_inpainting'?"),
        ({"latencies": "off"}, "Did you mean 'latency'?"),
        ({}, "latency is missing"),
        ([], "a JSON object"),
    ],
)
def test_a_bad_latency_is_refused_with_what_is_permitted(client: FlaskClient, body: Any, word: str) -> None:
    response = send(client, "PUT", "/latency", body)

    assert response.status_code == 400
    assert word in message(response)


def test_an_unknown_req_key_of_a_latency_is_answered_with_the_known_ones(client: FlaskClient) -> None:
    response = send(client, "PUT", "/latency", {"latency": {"i2i_inpaintin": "2s"}})

    assert response.get_json()["error"]["permitted"] == ["default", *contract.operations()]


def test_the_clock_is_frozen_moved_and_released(client: FlaskClient) -> None:
    frozen = send(client, "PUT", "/clock", {"now": "2026-01-31T12:00:00Z", "is_frozen": True}).get_json()
    moved = send(client, "POST", "/clock/advance", {"seconds": 90.5}).get_json()
    released = send(client, "PUT", "/clock", {"is_frozen": False}).get_json()

    assert (frozen["now"], frozen["is_frozen"]) == ("2026-01-31T12:00:00.000Z", True)
    assert (moved["now"], moved["is_frozen"]) == ("2026-01-31T12:01:30.500Z", True)
    assert (released["now"][:17], released["is_frozen"]) == ("2026-01-31T12:01:", False)


def test_a_clock_that_is_set_keeps_running_or_stays_frozen(client: FlaskClient) -> None:
    assert send(client, "PUT", "/clock", {"now_s": NOW_S}).get_json()["is_frozen"] is False
    send(client, "PUT", "/clock", {"is_frozen": True})

    again = send(client, "PUT", "/clock", {"now_s": NOW_S}).get_json()

    assert (again["now_s"], again["is_frozen"]) == (NOW_S, True)


def test_every_clock_moves_with_the_scope_star(client: FlaskClient, world: World) -> None:
    world.scope("t1").clock.freeze(NOW_S)
    world.scope("t2").clock.freeze(NOW_S)

    clocks = send(client, "POST", "/clock/advance", {"seconds": 10}, scope="*").get_json()["scopes"]

    assert {name: clocks[name]["now_s"] for name in ("t1", "t2")} == {"t1": NOW_S + 10, "t2": NOW_S + 10}
    assert set(send(client, "GET", "/latency", scope="*").get_json()["scopes"]) == {"default", "t1", "t2"}


@pytest.mark.parametrize(
    ("method", "path", "body", "word"),
    [
        ("POST", "/clock/advance", {"seconds": -1}, "from 0"),
        ("POST", "/clock/advance", {"seconds": True}, "a number"),
        ("POST", "/clock/advance", {"seconds": "5"}, "a number"),
        ("POST", "/clock/advance", {"seconds": LATEST_S}, "the resulting time"),
        ("POST", "/clock/advance", {"seconds": 10**400}, "a number"),
        ("POST", "/clock/advance", {"second": 1}, "Did you mean 'seconds'?"),
        ("PUT", "/clock", {"now": "noon"}, "2026-01-31T12:00:00Z"),
        ("PUT", "/clock", {"now_s": 1e300}, "a number"),
        ("PUT", "/clock", {"is_frozen": 1}, "true or false"),
        ("PUT", "/clock", {"now": 1, "now_s": 1}, "one of each"),
        ("PUT", "/clock", {}, "is_frozen"),
        ("PUT", "/clock", {"offset_s": 1}, "permitted"),
        ("PUT", "/clock", {"now": "9999-12-31T23:59:59-23:00"}, "a number"),
        ("PUT", "/clock", {"now": "9999-12-31T23:59:59Z"}, "a number"),
        ("PUT", "/clock", {"now_s": LATEST_S + 1}, "a number"),
    ],
)
def test_a_bad_time_is_refused_and_moves_nothing(
    client: FlaskClient, world: World, method: str, path: str, body: Any, word: str
) -> None:
    """Every reply carries a calendar date; a clock beyond the calendar would break them all."""
    world.scope().clock.freeze(NOW_S)

    response = send(client, method, path, body)

    assert response.status_code == 400
    assert word in message(response)
    assert world.scope().clock.now_s() == NOW_S


def test_the_last_moment_of_a_clock_is_still_answered_in(client: FlaskClient) -> None:
    assert send(client, "PUT", "/clock", {"now_s": LATEST_S, "is_frozen": True}).status_code == 200

    response = client.post("/volcv/v1?Action=CVProcess&Version=2022-08-31", headers={"Authorization": "Bearer sk-any"})

    assert response.status_code == 400
    assert send(client, "POST", "/clock/advance", {"seconds": 1}).status_code == 400
    assert send(client, "GET", "/calls").status_code == 200


def test_reset_brings_a_scope_back_to_the_settings(client: FlaskClient, world: World) -> None:
    filled(world)
    send(client, "POST", "/faults", {"code": 50411})
    send(client, "PUT", "/latency", {"latency": "2s"})
    send(client, "PUT", "/clock", {"now_s": 1, "is_frozen": True})

    assert send(client, "POST", "/reset").get_json() == {"reset": ["default"]}

    assert [rule["code"] for rule in send(client, "GET", "/faults").get_json()["faults"]] == [50412]
    assert send(client, "GET", "/latency").get_json() == {"latency": {"default": "off"}}
    assert send(client, "GET", "/clock").get_json()["is_frozen"] is False
    assert [call["number"] for call in send(client, "GET", "/calls", scope="*").get_json()["calls"]] == [3]
