"""The state in memory: what is counted is exact, whatever arrives at once."""

from __future__ import annotations

import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import VolcvMock
from volcv_mock.state import Arrival
from volcv_mock.state.acts import State
from volcv_mock.state.memory import MemoryState
from volcv_mock.world import World

DIGESTS = ["aa" * 32, "bb" * 32, "cc" * 32]
SCOPES = ["default", "t1"]
PLENTY = 1000


def memory() -> State:
    return MemoryState(1_000_000, 1_000_000, 1_000_000, 0, lambda scope: 0.0)


acts = st.lists(st.tuples(st.sampled_from(SCOPES), st.sampled_from([*DIGESTS, "restart"])), max_size=40)


@given(acts)
def test_numbers_and_repetitions_are_counted_by_scope_since_its_restart(acts: list[tuple[str, str]]) -> None:
    state = memory()
    scopes = {name: state.scope(name) for name in SCOPES}
    since: dict[str, list[str]] = {name: [] for name in SCOPES}

    for name, act in acts:
        if act == "restart":
            scopes[name].restart()
            since[name].clear()
            continue
        before = since[name].count(act)
        assert scopes[name].occurrence(act) == before
        since[name].append(act)
        assert scopes[name].arrive(act, PLENTY) == Arrival(len(since[name]), before)


def test_calls_that_arrive_at_once_get_numbers_of_their_own() -> None:
    scope = memory().scope("default")
    found: list[Arrival] = []

    def arrive() -> None:
        found.extend(scope.arrive(DIGESTS[number % 3], PLENTY) for number in range(200))

    threads = [threading.Thread(target=arrive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(each.number for each in found) == list(range(1, 801))
    assert max(Counter(each.occurrence for each in found).values()) == len(DIGESTS)


def test_turns_are_counted_by_request() -> None:
    scope = memory().scope("default")

    assert [scope.take_turn(name) for name in ("a", "a", "b", "a")] == [0, 1, 0, 2]


def test_a_world_takes_the_state_that_it_is_given() -> None:
    state = memory()
    world = World(state=state)

    world.pictures.put("one", b"jpeg", 1.0)

    assert state.pictures.held("one") == b"jpeg"
    assert (world.journal, world.tasks) == (state.journal, state.tasks)


def test_health_names_the_state() -> None:
    assert VolcvMock().app.test_client().get("/_mock/health").get_json()["state"] == memory().name
