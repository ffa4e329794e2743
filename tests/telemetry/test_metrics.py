"""`GET /_mock/metrics`: what is counted, and under which labels."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from volcv_mock import VolcvMock, contract
from volcv_mock.delivery import Delivered
from volcv_mock.model import RawRequest
from volcv_mock.pipeline import handle
from volcv_mock.telemetry.metrics import TRIPS_AT_ONCE, Metrics

QUERY = {"Action": "CVProcess", "Version": "2022-08-31"}
REMOVAL = "i2i_inpainting"


@pytest.fixture
def mock() -> VolcvMock:
    return VolcvMock()


@pytest.fixture
def client(mock: VolcvMock) -> FlaskClient:
    return mock.app.test_client()


def call(client: FlaskClient, req_key: str = "", override: str = "", key: str = "sk-secret-key") -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} | ({"X-Volcv-Mock": override} if override else {})
    body = {"req_key": req_key} if req_key else {}
    return client.post("/volcv/v1", query_string=QUERY, json=body, headers=headers, buffered=True)


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels, in the order of their names."""
    text = client.get("/_mock/metrics").get_data(as_text=True)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_call_counts_once_by_operation_row_and_status(client: FlaskClient) -> None:
    for _ in range(3):
        call(client, REMOVAL, "code=50429")

    found = samples(client)

    assert found["volcv_mock_calls_total", REMOVAL, "50429", "429"] == 3
    assert found["volcv_mock_faults_total", "50429", "header"] == 3


def test_each_call_is_in_every_histogram(client: FlaskClient) -> None:
    call(client, REMOVAL, "code=50429; delay=0.2s")

    found = samples(client)

    for name in ("compute", "answer", "planned_delay"):
        assert found[f"volcv_mock_{name}_seconds_count", REMOVAL] == 1
        assert found[f"volcv_mock_{name}_seconds_bucket", "+Inf", REMOVAL] == 1
    assert found["volcv_mock_planned_delay_seconds_sum", REMOVAL] == pytest.approx(0.2)
    assert found["volcv_mock_planned_delay_seconds_bucket", "0.1", REMOVAL] == 0
    assert found["volcv_mock_planned_delay_seconds_bucket", "0.25", REMOVAL] == 1


def test_what_a_client_invents_becomes_no_label(client: FlaskClient) -> None:
    """The number of series must be bounded, whatever clients send."""
    for number in range(5):
        call(client, f"made-up-{number}")
    call(client)

    found = {name[1] for name in samples(client) if name[0] == "volcv_mock_calls_total"}

    assert found == {"other", "none"}


def test_no_key_scope_or_rule_is_shown(client: FlaskClient) -> None:
    client.post("/_mock/faults", json={"code": 50429}, headers={"X-Volcv-Mock-Scope": "a-scope"})
    call(client, REMOVAL, key="sk-scope-a-scope")

    text = client.get("/_mock/metrics").get_data(as_text=True)

    assert ("a-scope" in text, "rule-1" in text, "sk-" in text) == (False, False, False)
    assert 'fault="50429",origin="rule"' in text


def test_a_connection_cut_before_its_head_has_no_status(mock: VolcvMock, client: FlaskClient) -> None:
    reply = handle(_request("fault=reset"), mock.world)
    mock.world.delivered(reply, Delivered(0.0, "broken_on_purpose"))

    assert any(name[0] == "volcv_mock_calls_total" and name[-1] == "none" for name in samples(client))


def test_a_decided_call_waits_until_it_is_delivered(mock: VolcvMock, client: FlaskClient) -> None:
    reply = handle(_request("delay=1h"), mock.world)

    before = samples(client)
    mock.world.delivered(reply, Delivered(0.0, "left_early"))
    after = samples(client)

    assert (before["volcv_mock_in_flight",], before["volcv_mock_waiting",]) == (1, 1)
    assert (after["volcv_mock_in_flight",], after["volcv_mock_waiting",]) == (0, 0)


def test_a_call_that_fails_by_a_bug_is_not_in_flight_for_ever(
    mock: VolcvMock, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("volcv_mock.pipeline.render", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        handle(_request(), mock.world)

    assert samples(client)["volcv_mock_in_flight",] == 0


def test_memos_and_evictions_are_counted() -> None:
    client = VolcvMock(journal_bytes=0).app.test_client()
    for _ in range(2):
        call(client, REMOVAL)

    found = samples(client)

    assert found["volcv_mock_journal_evicted_total",] == 2
    assert found["volcv_mock_journal_lost_total",] == 0
    assert found["volcv_mock_memo_total", "validated", "miss"] == 2


def test_the_build_and_the_process_are_described(client: FlaskClient) -> None:
    names = {name[0] for name in samples(client)}

    assert "volcv_mock_build_info" in names
    assert sys.platform != "linux" or "process_resident_memory_bytes" in names


def test_every_operation_is_a_label(client: FlaskClient) -> None:
    for req_key in contract.operations():
        call(client, req_key)

    found = {name[1] for name in samples(client) if name[0] == "volcv_mock_calls_total"}

    assert found == set(contract.operations())


def test_without_the_extra_it_says_what_to_install(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "volcv_mock.telemetry.exposition", raising=False)

    response = client.get("/_mock/metrics")

    assert response.status_code == 501
    assert "pip install 'volcv-mock[metrics]'" in response.get_json()["error"]["message"]


def _request(override: str = "") -> RawRequest:
    headers = (("Authorization", "Bearer sk-a"), ("Content-Type", "application/json"), ("X-Volcv-Mock", override))
    query = "Action=CVProcess&Version=2022-08-31"
    return RawRequest("proxy", "POST", "/volcv/v1", query, headers, b"{}")


def test_round_trips_are_all_counted_though_many_at_a_time() -> None:
    metrics, threads, each = Metrics(lambda: ()), 4, TRIPS_AT_ONCE

    def ask() -> None:
        for _ in range(each):
            metrics.asked_state(0.25)
        metrics.asked_state(None)

    with ThreadPoolExecutor(threads) as pool:
        for asked in [pool.submit(ask) for _ in range(threads)]:
            asked.result()

    for counted in (metrics.histogram("state_s")[""], metrics.copy().state_s):
        assert (sum(counted.counts), counted.sum_s) == (threads * each, threads * each * 0.25)
    assert metrics.state_errors == threads
