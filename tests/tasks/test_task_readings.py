"""What no page states about tasks, and rules that reach one step of them."""

from __future__ import annotations

from typing import Any

from tests.tasks.conftest import BASE, Client
from volcv_mock import VolcvMock


def test_an_unknown_task_is_50215_under_the_other_reading() -> None:
    with VolcvMock(readings=("unknown-task=50215",)).intercept(BASE) as mock:
        answer = Client(mock).result("7392616336519610409")

    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (400, 50215, None)


def test_req_json_that_cannot_be_read_is_ignored_with_a_note(client: Client) -> None:
    task = client.submit()
    body = {"req_key": "i2i_inpainting", "task_id": task, "req_json": '{"return_url": true,}'}

    answer = client.post("CVSync2AsyncGetResult", body)

    assert answer.json()["data"]["binary_data_base64"]
    assert any("req_json" in note for note in client.mock.calls.last.notes)


def test_the_strict_profile_refuses_req_json_that_cannot_be_read() -> None:
    with VolcvMock(profile="strict").intercept(BASE) as mock:
        client = Client(mock)
        body = {"req_key": "i2i_inpainting", "task_id": client.submit(), "req_json": "{"}

        assert client.post("CVSync2AsyncGetResult", body).status_code == 400


def test_a_bad_watermark_in_req_json_is_refused(client: Client) -> None:
    answer = client.result(client.submit(), logo_info={"add_logo": True, "position": 9})

    assert answer.status_code == 400
    assert "$.req_json.logo_info.position" in answer.headers["X-Volcv-Mock-Reason"]


def test_a_rule_for_the_result_does_not_reach_the_submit(client: Client) -> None:
    client.mock.fail(50511, step="result", times=1)
    task = client.submit()

    codes = [client.result(task).json()["code"] for _ in range(2)]

    assert codes == [50511, 10000]


def test_a_rule_without_a_step_is_used_up_by_the_submit(client: Client) -> None:
    client.mock.fail(50511, times=1)
    first, second = client.submit(seed=1), client.submit(seed=2)

    assert [client.result(task).json()["code"] for task in (first, second, first)] == [50511, 10000, 50511]


def test_a_fault_of_the_picture_shows_in_the_result_each_time(client: Client) -> None:
    client.mock.fault("corrupt_jpeg", times=1)
    task = client.submit()

    first, second = client.data(task), client.data(task)
    link = client.data(client.submit(asks="fault=dead_link"), return_url=True)

    assert first == second
    assert first["binary_data_base64"] != client.data(client.submit(seed=9))["binary_data_base64"]
    assert link["image_urls"]


def test_a_done_poll_is_no_retry(client: Client) -> None:
    task = client.submit(asks="queue=5s")
    for _ in range(3):
        client.result(task)

    polls: Any = client.mock.calls.where(step="result")
    assert [poll.retry for poll in polls] == [None] * 3
    assert [poll.task_id for poll in polls] == [task] * 3
