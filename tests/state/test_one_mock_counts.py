"""Two mocks with one state count as one: quotas, budgets, turns, differences, and what a call costs."""

from __future__ import annotations

import pytest

from tests.state.test_one_mock import Replicas, code, control, post


def test_the_journal_keeps_to_its_bytes(replicas: Replicas) -> None:
    a, b = replicas(journal_bytes=12_000)

    for number in range(12):
        post((a, b)[number % 2], seed=number)

    usage = control(b, "/calls")["journal"]
    assert usage["held_bytes"] <= 12_000
    assert usage["evicted"] == 12 - len(a.calls) > 0


def test_pictures_keep_to_their_bytes(replicas: Replicas) -> None:
    a, b = replicas(pictures_bytes=6_000)

    links = [post((a, b)[n % 2], return_url=True, seed=n).get_json()["data"]["image_urls"][0] for n in range(12)]

    answers = [a.app.test_client().get(link[link.index("/_mock") :]).status_code for link in links]
    assert answers[0] == 410
    assert answers[-1] == 200
    assert b.world.pictures.held_bytes <= 6_000


def test_no_more_scopes_are_kept_than_permitted(processes: Replicas) -> None:
    a, b = processes(max_scopes=3)

    for number in range(6):
        post((a, b)[number % 2], headers={"X-Volcv-Mock-Scope": f"t{number}"})

    assert len(a.world.state.scope_names()) <= 3
    assert "default" in a.world.state.scope_names()


def test_rate_quotas_are_counted_over_both(replicas: Replicas) -> None:
    a, b = replicas(requests_per_second=2)
    a.clock.freeze(1_000_000_000.0)

    assert [code(each) for each in (a, b, a, b)] == [10000, 10000, 50429, 50429]
    b.clock.advance(1)
    assert code(a) == 10000


def test_calls_in_flight_are_counted_over_both(processes: Replicas) -> None:
    a, b = processes(in_flight=1)
    quotas = [each.world.scope().quotas for each in (a, b)]

    ticket = quotas[0].admit("sk", 1.0)
    refused = quotas[1].admit("sk", 1.0)
    quotas[0].release(ticket)
    a.world.state._writer.flush()

    assert refused.row.id == "50430"
    assert quotas[1].admit("sk", 1.0).window["in_flight"] == 0


def test_a_process_that_dies_gives_its_slots_back(processes: Replicas) -> None:
    a, b = processes(in_flight=1)
    a.world.scope().quotas.admit("sk", 1.0)

    connections = b.world.state.connections
    connections.command("ZREM", connections.key("replicas"), a.world.state.replica)

    assert b.world.scope().quotas.admit("sk", 1.0).window["in_flight"] == 0


def test_turns_of_a_replay_are_counted_over_both(replicas: Replicas) -> None:
    a, b = replicas()

    assert [each.world.scope().take_turn(("digest", "CVProcess")) for each in (a, b, a)] == [0, 1, 2]


def test_the_budget_of_the_upstream_is_counted_over_both(processes: Replicas) -> None:
    a, b = processes(upstream="http://127.0.0.1:9", upstream_budget=2, api_keys=("sk-a",))

    a.world.ledger.take("one", "d")
    day = b.world.ledger.take("two", "d")
    with pytest.raises(Exception, match="2 of 2 paid calls are spent today"):
        a.world.ledger.take("three", "d")

    b.world.ledger.give_back("two", "d", "50411", day)
    assert a.world.ledger.spent() == 1


def test_differences_found_by_one_are_shown_by_the_other(replicas: Replicas) -> None:
    from volcv_mock.upstream.difference_log import ComparedCall, Difference

    a, b = replicas()
    found = ComparedCall("id", "default", 1.0, "i2i_inpainting", (Difference("status", 200, 400),))
    a.world.differences.add(found)
    b.world.differences.add(ComparedCall("id2", "default", 1.0, "i2i_inpainting", ()))

    assert a.world.differences.of_scope("default", "*") == [found]
    assert b.world.differences.summary() == "1 of 2 calls differ: status 1"


def test_a_call_without_rules_and_quotas_takes_two_round_trips_and_one_without_a_journal(processes: Replicas) -> None:
    """The prices of docs/more-than-one.md."""
    [kept] = processes(1)
    connections = kept.world.state.connections

    trips = []
    for _ in range(2):
        before = connections.trips
        post(kept)
        trips.append(connections.trips - before)

    assert trips == [2, 2]


def test_picture_links_take_no_round_trip_of_their_own(processes: Replicas) -> None:
    a, b = processes()
    connections = a.world.state.connections
    trips, links = [], []
    for seed in (1, 1, 2):
        before = connections.trips
        links += post(a, return_url=True, seed=seed).get_json()["data"]["image_urls"]
        trips.append(connections.trips - before)

    assert trips == [2, 2, 2]
    pictures = [b.app.test_client().get(link).data for link in links]
    assert pictures[0] == pictures[1] != pictures[2]
    assert all(data.startswith(b"\xff\xd8") for data in pictures)


def test_a_picture_that_redis_has_lost_is_sent_again(processes: Replicas) -> None:
    [mock] = processes(1)
    state = mock.world.state
    post(mock, return_url=True)
    state.connections.command("DEL", state.connections.key("pb"))  # the bytes of all pictures

    [link] = post(mock, return_url=True).get_json()["data"]["image_urls"]

    assert mock.app.test_client().get(link).status_code == 200


def test_picture_links_without_a_journal(replicas: Replicas) -> None:
    [mock] = replicas(1, journal_bytes=0)

    [link] = post(mock, return_url=True).get_json()["data"]["image_urls"]

    assert mock.app.test_client().get(link).status_code == 200


def test_without_a_journal_it_takes_one(processes: Replicas) -> None:
    [mock] = processes(1, journal_bytes=0)
    connections = mock.world.state.connections
    before = connections.trips

    post(mock)

    assert connections.trips - before == 1
