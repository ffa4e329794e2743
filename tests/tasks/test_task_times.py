"""The latency model of tasks: a submit is quick, and `generating` takes the time that a synchronous picture takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.tasks.conftest import Client
from volcv_mock import VolcvMock, contract

LEAST_S, MOST_S, QUEUE_S = (float(contract.parameter(f"task_{name}_s")) for name in ("submit_least", "submit_most",
                                                                                     "queue"))  # fmt: skip


@pytest.fixture
def slow() -> Iterator[Client]:
    """A client of a mock whose latency is half the expected one, without spread. Computing takes no time."""
    with VolcvMock(seed=7, latency="0.5x").intercept("https://api.example.com") as mock:
        mock.clock.freeze()
        yield Client(mock)


def delay_s(mock: Any) -> float:
    """The planned delay of the last answer."""
    return float(mock.calls.last.planned_delay_s)


def test_the_documents_times_of_a_submit_are_40_to_105_ms() -> None:
    assert (LEAST_S, MOST_S) == (0.04, 0.105)


@pytest.mark.parametrize("latency", ["realistic", "1x"])
def test_a_submit_takes_as_long_as_was_seen_whatever_its_picture_takes(latency: str) -> None:
    with VolcvMock(seed=7, latency=latency).intercept("https://api.example.com") as mock:
        delays = []
        for seed in range(20):
            Client(mock).submit("i2i_inpainting", seed=seed, steps=500)
            delays.append(delay_s(mock))

    assert all(LEAST_S <= each <= MOST_S for each in delays)
    assert max(delays) - min(delays) > (MOST_S - LEAST_S) / 2


PICTURES: tuple[tuple[dict[str, int], str], ...] = (
    ({"steps": 30}, "i2i_inpainting"),
    ({"steps": 90}, "i2i_inpainting"),
    ({}, "jimeng_t2i_v31"),
)


@pytest.mark.parametrize(("parameters", "req_key"), PICTURES)
def test_generating_takes_the_time_of_the_synchronous_picture(
    slow: Client, parameters: dict[str, int], req_key: str
) -> None:
    slow.post("CVProcess", slow.mock.body(req_key, **parameters))
    synchronous_s = delay_s(slow.mock)

    slow.submit(req_key, **parameters)
    (task,) = slow.mock.tasks
    spent_s = task.ends_at_s - task.submitted_at_s

    assert spent_s == pytest.approx(0.5 * QUEUE_S + synchronous_s, rel=0.01)


def test_the_states_follow_these_times(slow: Client) -> None:
    task_id = slow.submit()
    (task,) = slow.mock.tasks
    seen = [slow.status(task_id)]
    for moment_s in (0.5 * QUEUE_S + 0.1, task.ends_at_s - task.submitted_at_s - 0.5 * QUEUE_S):
        slow.mock.clock.advance(moment_s)
        seen.append(slow.status(task_id))

    assert seen == ["in_queue", "generating", "done"]


def test_an_answer_that_waits_is_quicker_than_one_with_a_picture(slow: Client) -> None:
    task_id = slow.submit()
    slow.status(task_id)
    waiting_s = delay_s(slow.mock)
    slow.mock.clock.advance(3600)
    slow.status(task_id)

    assert waiting_s == pytest.approx(0.5 * float(contract.parameter("task_waiting_elapsed_s")))
    assert delay_s(slow.mock) == pytest.approx(0.5 * float(contract.parameter("task_done_elapsed_s")))


def test_with_latency_off_a_task_is_done_at_once(client: Client) -> None:
    assert client.status(client.submit()) == "done"
