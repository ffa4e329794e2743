"""The suite of tasks once more, over a state in fakeredis and in Redis; and tasks that two mocks share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.states import NewUrl
from tests.server.scripted import until
from tests.state.test_one_mock import Replicas, control, post
from tests.tasks.conftest import BASE, Client
from tests.tasks.test_callbacks import Receiver
from tests.tasks.test_submit_and_result import *  # noqa: F403
from volcv_mock import VolcvMock

SUBMIT = "/volcv/v1?Action=CVSync2AsyncSubmitTask&Version=2022-08-31"
RESULT = "/volcv/v1?Action=CVSync2AsyncGetResult&Version=2022-08-31"


@pytest.fixture
def mock(in_redis: NewUrl) -> Iterator[Any]:
    made = VolcvMock(seed=7, state=in_redis())
    with made.intercept(BASE) as intercepted:
        intercepted.clock.freeze()
        yield intercepted
    made.close()


@pytest.fixture
def client(mock: Any) -> Client:
    return Client(mock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def submitted(mock: VolcvMock, **members: Any) -> str:
    return str(post(mock, SUBMIT, **members).get_json()["data"]["task_id"])


def result(mock: VolcvMock, task_id: str, **req_json: Any) -> dict[str, Any]:
    body = {"req_key": "i2i_inpainting", "task_id": task_id, "req_json": json.dumps(req_json)}
    headers = {"Authorization": "Bearer sk-a-secret-key"}
    return dict(mock.app.test_client().post(RESULT, json=body, headers=headers).get_json()["data"])


def test_a_task_submitted_to_one_is_answered_by_the_other(replicas: Replicas) -> None:
    a, b = replicas()
    a.task_times(generating_s=10)
    task = submitted(a)

    assert result(b, task)["status"] == "generating"
    a.clock.advance(10)
    assert result(b, task)["binary_data_base64"] == result(a, task)["binary_data_base64"]
    assert control(a, "/tasks")["tasks"][0]["is_painted"]


def test_a_task_is_ended_by_one_for_both(replicas: Replicas) -> None:
    a, b = replicas()
    a.task_times(generating_s=1000)
    task, other = submitted(a), submitted(a, seed=2)

    b.finish(task)
    b.fail_task(other, 50511)

    assert result(a, task)["status"] == "done"
    assert [each["status"] for each in control(a, "/tasks")["tasks"]] == ["done", "done"]


def test_inputs_of_tasks_keep_to_their_bytes(replicas: Replicas) -> None:
    a, b = replicas(tasks_bytes=2_000)
    a.task_times(generating_s=1000)

    answers = [post((a, b)[number % 2], SUBMIT, custom_prompt=str(number)) for number in range(3)]

    assert [each.status_code for each in answers] == [200] * 3  # equal pictures count once
    assert 0 < b.world.tasks.held_bytes <= 2_000
    b.reset()
    assert a.world.tasks.held_bytes == 0


def test_a_callback_is_posted_once_whichever_ends_the_task(replicas: Replicas, receiver: Receiver) -> None:
    a, b = replicas()
    a.task_times(generating_s=1000)
    task = submitted(a, callback_url=receiver.url)

    b.finish(task)

    assert receiver.one()[1]["task_id"] == task
    assert until(lambda: b.callbacks)
    assert [entry.status for entry in b.callbacks] == [200]
    assert until(lambda: control(b, "/tasks")["tasks"][0]["callback"]["status"] == 200)
    assert receiver.received.empty()


def test_the_callback_of_a_process_that_has_died_is_posted_by_another(processes: Replicas, receiver: Receiver) -> None:
    a, b = processes()
    assert b.app
    b.task_times(generating_s=1000)
    task = submitted(a, callback_url=receiver.url)
    a.world.callbacks.clear()
    a.world.state._watch.close(lambda: None)

    connections = b.world.state.connections
    connections.command("ZREM", connections.key("replicas"), a.world.state.replica)
    b.world.state._heartbeat()
    b.finish(task)

    assert receiver.one()[1]["task_id"] == task
