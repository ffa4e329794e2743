"""What bounds tasks: the concurrency quota, the memory of inputs, and what happens when pictures were evicted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.tasks.conftest import BASE, Client
from volcv_mock import VolcvMock
from volcv_mock.simulation.task_plan import TaskPlan
from volcv_mock.tasks import Input, Task, TaskStore


def clients(**settings: Any) -> Iterator[Client]:
    with VolcvMock(seed=7, **settings).intercept(BASE) as mock:
        mock.clock.freeze()
        yield Client(mock)


@pytest.fixture
def narrow() -> Iterator[Client]:
    """One request in flight for a key."""
    yield from clients(in_flight=1)


@pytest.fixture
def small() -> Iterator[Client]:
    """Room for the inputs of one task: a picture and a mask of 64 x 64 pixels have 344 bytes."""
    yield from clients(tasks_bytes=400, memo_bytes=0)


def submitted(client: Client, **parameters: Any) -> Any:
    return client.post("CVSync2AsyncSubmitTask", client.mock.body(**parameters))


def test_the_concurrency_quota_counts_unfinished_tasks(narrow: Client) -> None:
    """Trial accounts have one: the second submit is answered 429 until the first task has ended."""
    task = narrow.submit(asks="queue=10s")

    second, polled = submitted(narrow, seed=2), narrow.status(task)
    narrow.mock.clock.advance(10)
    third = submitted(narrow, seed=3)

    assert (second.status_code, second.json()["code"], polled) == (429, 50430, "in_queue")
    assert third.status_code == 200


def test_another_key_has_a_quota_of_its_own(narrow: Client) -> None:
    narrow.submit(asks="queue=10s")

    assert submitted(Client(narrow.mock, key="sk-other"), seed=2).status_code == 200


def test_a_cancelled_task_counts_no_more(narrow: Client) -> None:
    task = narrow.submit(asks="queue=10s")

    narrow.post("CVCancelTask", {"req_key": "i2i_inpainting", "task_id": task}, "2024-06-06")

    assert submitted(narrow, seed=2).status_code == 200


def test_full_inputs_of_unfinished_tasks_answer_50430(small: Client) -> None:
    small.submit(asks="queue=10s")

    refused = submitted(small, seed=2)

    assert (refused.status_code, refused.json()["code"]) == (429, 50430)
    assert "--tasks-bytes" in refused.headers["X-Volcv-Mock-Reason"]


def test_tasks_that_are_done_make_room_and_keep_their_pictures(small: Client) -> None:
    """A client that submits a batch before it polls loses nothing."""
    tasks = [small.submit(seed=seed) for seed in range(5)]

    assert [small.status(task) for task in tasks] == ["done"] * 5


def test_a_picture_that_was_evicted_with_its_inputs_is_expired() -> None:
    """The page says of expired: submit again."""
    for client in clients(tasks_bytes=400, memo_bytes=0, pictures_bytes=0):
        first = client.submit(seed=1)
        client.submit(seed=2)

        answer = client.result(first)

        assert answer.json()["data"]["status"] == "expired"
        assert "--pictures-bytes" in answer.headers["X-Volcv-Mock-Reason"]


def test_a_picture_is_painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from volcv_mock import operations

    painted: list[Any] = []
    paint = operations.paint
    monkeypatch.setattr(operations, "paint", lambda job: painted.append(job) or paint(job))
    for client in clients(memo_bytes=0):
        task = client.submit()
        assert painted == []

        for _ in range(3):
            client.data(task)

    assert len(painted) == 1


def test_a_reset_removes_the_tasks_of_its_scope(small: Client) -> None:
    task = small.submit()

    small.mock.reset()

    assert small.status(task) == "not_found"
    assert small.mock.tasks == ()


def a_task(number: int, data: bytes, queue_s: float = 0.0) -> Task:
    inputs = (Input("$.binary_data_base64[0]", data, is_mask=False, is_stand_in=False),)
    return Task(str(number), "default", b"owner", "i2i_inpainting", 0.0, TaskPlan(queue_s), b"{}", inputs)


def test_equal_inputs_count_once() -> None:
    store, data = TaskStore(1000, lambda _: 0.0), bytes(600)

    assert all(store.submit(a_task(number, data)) for number in range(3))
    assert store.held_bytes == 600
    store.clear()
    assert store.held_bytes == 0


def test_the_oldest_task_that_has_ended_leaves_when_there_are_too_many() -> None:
    store = TaskStore(1000, lambda _: 0.0, most=2)
    store.submit(a_task(1, b"a", queue_s=9))
    store.submit(a_task(2, b"b"))

    assert store.submit(a_task(3, b"c"))
    assert [task.id for task in store.listed()] == ["1", "3"]


@pytest.mark.parametrize("age_s", [0.0, 1.0, 3.0, 99.0, 43_200.0, 1e9])
def test_the_order_of_states_never_goes_back(age_s: float) -> None:
    plan = TaskPlan(1.0, 2.0, 43_200.0)
    order = ["in_queue", "generating", "done", "not_found"]

    later = [plan.state(age_s + more) for more in (0.0, 0.5, 2.0, 40_000.0, 1e6)]

    assert [order.index(state) for state in later] == sorted(order.index(state) for state in later)
