"""Findings about clients that submit tasks and poll: each is reported for the behaviour it names, and for no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.tasks.conftest import BASE, Client
from volcv_mock import VolcvMock


@pytest.fixture
def client() -> Iterator[Client]:
    with VolcvMock(seed=7).intercept(BASE) as mock:
        mock.clock.freeze()
        yield Client(mock)


def poll(client: Client, task: str, times: int = 1, pause_s: float = 2.0, **req_json: Any) -> None:
    for _ in range(times):
        client.result(task, **req_json)
        client.mock.clock.advance(pause_s)


def findings(client: Client) -> list[str]:
    return [finding.name for finding in client.mock.verdict.findings]


def patient(client: Client) -> None:
    task = client.submit(asks="queue=5s; generating=5s")
    poll(client, task, 7)


def fetches_base64_and_link(client: Client) -> None:
    task = client.submit()
    poll(client, task, 2)
    for _ in range(2):
        httpx.get(client.data(task, return_url=True)["image_urls"][0])
        client.mock.clock.advance(2)


def fast(client: Client) -> None:
    poll(client, client.submit(asks="queue=60s"), 5, pause_s=0.2)


def never_stops(client: Client) -> None:
    poll(client, client.submit(), 5)


def waits_for_a_lost_task(client: Client) -> None:
    poll(client, client.submit(asks="fault=task_expired"), 5)


def waits_for_a_failed_task(client: Client) -> None:
    poll(client, client.submit(asks="code=50511"), 5)


def rounds_the_id(client: Client) -> None:
    task = client.submit(asks="queue=60s")
    poll(client, str(int(float(task))))


def rounds_the_id_as_javascript_does(client: Client) -> None:
    task = client.submit(asks="queue=60s")
    body = {"req_key": "i2i_inpainting", "task_id": float(task)}
    client.post("CVSync2AsyncGetResult", body)


def overflows_the_id(client: Client) -> None:
    task = next(each for each in (client.submit(seed=seed) for seed in range(20)) if int(each) >= 2**63)
    poll(client, str(int(task) - 2**64))


def submits_twice(client: Client) -> None:
    for _ in range(2):
        client.submit(asks="queue=60s")
        client.mock.clock.advance(5)


def submits_a_refused_body_again(client: Client) -> None:
    task = client.submit(asks="code=50512")
    poll(client, task)
    client.submit()


def submits_again_after_expired(client: Client) -> None:
    task = client.submit(asks="fault=task_expired")
    poll(client, task)
    poll(client, client.submit())


BEHAVIOURS: list[tuple[Callable[[Client], None], list[str]]] = [
    (patient, []),
    (fetches_base64_and_link, []),
    (fast, ["polls_too_often"]),
    (never_stops, ["polls_after_done"]),
    (waits_for_a_lost_task, ["ignores_lost_task"]),
    (waits_for_a_failed_task, ["ignores_task_code"]),
    (rounds_the_id, ["task_id_as_number"]),
    (rounds_the_id_as_javascript_does, ["task_id_as_number"]),
    (overflows_the_id, ["task_id_as_number"]),
    (submits_twice, ["resubmits"]),
    (submits_a_refused_body_again, ["retried_refusal"]),
    (submits_again_after_expired, []),
]


@pytest.mark.parametrize(("behave", "expected"), BEHAVIOURS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_behaviour_has_its_finding(client: Client, behave: Callable[[Client], None], expected: list[str]) -> None:
    behave(client)

    assert findings(client) == expected


def test_a_finding_names_the_calls_that_show_it(client: Client) -> None:
    task = client.submit()
    poll(client, str(int(float(task))))

    (finding,) = client.mock.verdict.findings
    assert finding.calls == tuple(call.id for call in client.mock.calls)
    assert json.dumps(finding.to_dict())
