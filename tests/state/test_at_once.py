"""Many calls at once over three mocks with one state: what is counted is exact."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.test_one_mock import Replicas, code, post
from volcv_mock.simulation.quotas import QuotaRefusal, Quotas, QuotaSettings
from volcv_mock.state.memory import MemoryState


def test_numbers_ids_times_steps_and_the_journal_are_exact(replicas: Replicas) -> None:
    team = replicas(3, in_flight=4)
    team[0].fail(50411, times=7, skip=3)
    team[1].sequence(50412, 50413, times=3)
    answers: list[tuple[int, str]] = []

    def client(mock: Any) -> None:
        for _ in range(8):
            answer = post(mock, seed=-1)
            answers.append((answer.get_json()["code"], answer.headers["X-Volcv-Mock-Call"]))

    threads = [threading.Thread(target=client, args=(team[number % 3],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    codes = Counter(number for number, _ in answers)
    calls = team[0].calls
    assert sorted(call.number for call in calls) == list(range(1, 49))
    assert {call.id for call in calls} == {call_id for _, call_id in answers}
    assert len({call_id for _, call_id in answers}) == 48
    assert (codes[50411], codes[50412], codes[50413]) == (7, 3, 3)
    assert max(call.quota["in_flight"] for call in calls) <= 4
    assert code(team[2]) == 10000


moments = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3), st.floats(0, 5), st.booleans()), max_size=12)


@settings(max_examples=25)
@given(moments, st.sampled_from([None, 0.5, 1.0, 2.5]), st.sampled_from([None, 1, 2]))
def test_quotas_over_processes_decide_as_those_of_one(shared: Any, history: Any, rate: Any, slots: Any) -> None:
    """Late arrivals, clocks that were set back, and slots that are given back: the model is the one in memory."""
    model, limits = Quotas(), QuotaSettings(rate, slots)
    scope = shared()
    model.change(limits), scope.quotas.change(limits)
    held: list[Any] = []
    for key, late_s, now_s, gives_back in history:
        if gives_back and held:
            one, other = held.pop()
            model.release(one), scope.quotas.release(other)
        wanted, found = (each.admit(key, max(0.0, now_s - late_s), now_s) for each in (model, scope.quotas))
        assert isinstance(found, QuotaRefusal) == isinstance(wanted, QuotaRefusal)
        if rate or slots:
            names = ["requests_in_window", "window_s"] + (["in_flight"] if slots else [])
            assert [found.window[name] for name in names] == [wanted.window[name] for name in names]
        if not isinstance(found, QuotaRefusal):
            held.append((wanted, found))


acts = st.lists(st.tuples(st.sampled_from(["default", "t1"]), st.sampled_from(["aa" * 32, "bb" * 32, ""])), max_size=20)


@settings(max_examples=25)
@given(acts)
def test_numbers_and_repetitions_are_those_of_one_process(shared: Any, acts: list[tuple[str, str]]) -> None:
    model = MemoryState(1, 1, 1, 0, lambda scope: 0.0)
    names = {"default": model.scope("default"), "t1": model.scope("t1")}
    scopes = {name: shared() for name in names}

    for name, digest in acts:
        for each in (names[name], scopes[name]):
            if not digest:
                each.restart()
        if digest:
            wanted, found = (each[name].arrive(digest, 1000) for each in (names, scopes))
            assert (found.number, found.occurrence) == (wanted.number, wanted.occurrence)
