"""Callbacks: the result of a task is posted once it is done, under the address rules of picture URLs."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from volcv_mock import VolcvMock

DEADLINE_S = 30.0
CLOSES_WITHIN_S = 0.02
QUERY = "/volcv/v1?Version=2022-08-31&Action="
KEY = {"Authorization": "Bearer sk-any"}


class Receiver:
    """A server that keeps what is posted to it, and answers with a status."""

    def __init__(self, status: int = 200) -> None:
        received: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                received.put((self.path, json.loads(body)))

            def log_message(self, *_: object) -> None:
                return

        self.received = received
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/done?token=secret"
        threading.Thread(target=self.server.serve_forever, args=(CLOSES_WITHIN_S,), daemon=True).start()

    def one(self) -> tuple[str, Any]:
        return self.received.get(timeout=DEADLINE_S)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def mock() -> Iterator[Any]:
    with VolcvMock().serve() as server:
        server.clock.freeze()
        yield server


def submit(mock: Any, **more: Any) -> str:
    answer = httpx.post(mock.base_url + QUERY + "CVSync2AsyncSubmitTask", json=mock.body() | more, headers=KEY,
                        trust_env=False, timeout=DEADLINE_S)  # fmt: skip
    return str(answer.json()["data"]["task_id"])


def told(mock: Any) -> Any:
    """The callback of the only task, once it is over and in the journal."""
    ended(mock)
    return mock.tasks[0].callback


def ended(mock: Any) -> Any:
    """The entries of the callbacks, once there is one."""
    changed = threading.Event()
    unsubscribe = mock.world.changes.subscribe(changed.set)
    try:
        while not (found := mock.callbacks):
            assert changed.wait(DEADLINE_S), "no callback ended"
            changed.clear()
        return found
    finally:
        unsubscribe()


def test_the_answer_of_the_query_is_posted_when_the_clock_reaches_the_end(mock: Any, receiver: Receiver) -> None:
    mock.task_times(queue_s=5, generating_s=5)
    task = submit(mock, callback_url=receiver.url, return_url=True)
    assert receiver.received.empty()

    mock.clock.advance(10)
    path, document = receiver.one()

    assert path == "/done?token=secret"
    assert list(document) == ["code", "data", "message", "request_id", "status", "task_id", "time_elapsed"]
    assert (document["task_id"], document["data"]["status"]) == (task, "done")
    assert httpx.get(document["data"]["image_urls"][0], trust_env=False, timeout=DEADLINE_S).status_code == 200
    assert told(mock) == {"url": receiver.url.partition("?")[0], "status": 200, "problem": ""}


def test_a_callback_is_journalled_with_what_was_posted_and_answered(mock: Any, receiver: Receiver) -> None:
    task = submit(mock, callback_url=receiver.url)
    receiver.one()
    told(mock)

    (entry,) = ended(mock)

    assert (entry.task_id, entry.code, entry.task_status, entry.status, entry.problem) == (task, 10000, "done", 200, "")
    assert entry.url == receiver.url.partition("?")[0]
    assert mock.world.journal.get(entry.call_id).task_id == task
    assert entry.sent_bytes > 1000
    listed = httpx.get(f"{mock.base_url}/_mock/callbacks", trust_env=False, timeout=DEADLINE_S).json()["callbacks"]
    assert listed == [entry.to_dict()]
    assert [each.action for each in mock.calls] == ["CVSync2AsyncSubmitTask"]
    mock.reset()
    assert mock.callbacks == ()


def test_the_log_has_a_line_for_a_callback(
    mock: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mock.world.log, "mode", "text")
    task = submit(mock, callback_url=f"{mock.base_url}/hook?token=secret")
    ended(mock)

    (line,) = [line for line in capsys.readouterr().err.splitlines() if "callback" in line]
    assert f"callback of task {task} to {mock.base_url}/hook: host 127.0.0.1 is not called" in line
    assert "secret" not in line


def test_marks_stand_in_the_submit_as_json_text(mock: Any, receiver: Receiver) -> None:
    submit(mock, callback_url=receiver.url, logo_info='{"add_logo": true}', aigc_meta='{"producer_id": "1"}')

    _, document = receiver.one()

    at_once = mock.body(logo_info={"add_logo": True})
    shown = httpx.post(
        mock.base_url + QUERY + "CVProcess", json=at_once, headers=KEY, trust_env=False, timeout=DEADLINE_S
    ).json()
    assert document["data"]["binary_data_base64"] == shown["data"]["binary_data_base64"]
    assert document["data"]["aigc_meta_tagged"] is True


def test_a_failed_task_is_posted_with_data(mock: Any, receiver: Receiver) -> None:
    mock.fault("stays_in_queue")
    mock.fail_task(submit(mock, callback_url=receiver.url), 50511)

    _, document = receiver.one()

    assert (document["code"], document["data"], document["status"]) == (50511, {"resp_data": ""}, 50511)


def test_a_repeated_submit_has_its_own_callback(mock: Any, receiver: Receiver) -> None:
    tasks = {submit(mock, callback_url=receiver.url) for _ in range(2)}

    assert {receiver.one()[1]["task_id"] for _ in range(2)} == tasks


def test_redirects_are_not_followed(mock: Any) -> None:
    receiver = Receiver(302)
    submit(mock, callback_url=receiver.url)

    assert told(mock)["status"] == 302
    receiver.close()


def test_this_mock_is_never_called(mock: Any) -> None:
    submit(mock, callback_url=f"{mock.base_url}/_mock/reset")

    assert "it is this mock" in told(mock)["problem"]


@pytest.mark.parametrize("url", ["http://198.51.100.7/", "ftp://127.0.0.1/", "no url"])
def test_a_host_that_may_not_be_fetched_from_is_not_called(mock: Any, url: str) -> None:
    submit(mock, callback_url=url)

    assert told(mock)["problem"]


def test_loopback_is_called_only_by_a_mock_that_is_bound_to_it(receiver: Receiver) -> None:
    mock = VolcvMock(host="0.0.0.0")
    with mock.serve() as server:
        submit(server, callback_url=receiver.url)

        assert "not called" in told(server)["problem"]


def test_text_that_is_no_json_is_refused(mock: Any) -> None:
    body = mock.body() | {"callback_url": "http://127.0.0.1:9/", "logo_info": "{"}

    answer = httpx.post(
        mock.base_url + QUERY + "CVSubmitTask", json=body, headers=KEY, trust_env=False, timeout=DEADLINE_S
    )

    assert answer.status_code == 400
    assert "$.logo_info" in answer.headers["X-Volcv-Mock-Reason"]


def test_no_thread_is_left_when_nothing_waits(mock: Any, receiver: Receiver) -> None:
    submit(mock, callback_url=receiver.url)
    told(mock)

    for thread in [each for each in threading.enumerate() if "callback" in each.name]:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
