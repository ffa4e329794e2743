"""Mode `spy`: the real service, with codes, faults and delays on demand."""

from __future__ import annotations

import httpx
import pytest

from tests.upstream.front import front, post
from volcv_mock.testing.handles import RunningMock


def test_without_a_fault_the_upstream_answers(real: RunningMock, spying: RunningMock) -> None:
    assert post(spying, real.body()).status_code == 200
    assert len(real.calls) == 1


@pytest.mark.parametrize("header", ["code=50411", "code=50511", "fault=ghost_face", "fault=malformed_json",
                                    "fault=black", "fault=missing_data"])  # fmt: skip
def test_codes_and_body_faults_spend_no_call(real: RunningMock, spying: RunningMock, header: str) -> None:
    post(spying, real.body(), X_Volcv_Mock=header)

    assert len(real.calls) == 0
    assert "upstream not called" in spying.calls.last.entry.notes


@pytest.mark.parametrize("fault", ["reset", "empty"])
def test_a_broken_connection_spends_no_call(real: RunningMock, spying: RunningMock, fault: str) -> None:
    with pytest.raises(httpx.TransportError):
        post(spying, real.body(), X_Volcv_Mock=f"fault={fault}")

    assert len(real.calls) == 0


def test_the_real_answer_can_be_cut_short(real: RunningMock, spying: RunningMock) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        post(spying, real.body(), X_Volcv_Mock="fault=truncate")

    assert len(real.calls) == 1


def test_the_real_answer_can_be_delayed(real: RunningMock, spying: RunningMock) -> None:
    spying.delay(0.01)

    post(spying, real.body())

    entry = spying.calls.last.entry
    assert len(real.calls) == 1
    assert entry.planned_delay_s == 0.01
    assert entry.fired[0]["name"] == "delay=10ms"


def test_rules_count_real_calls(real: RunningMock, spying: RunningMock) -> None:
    spying.fail(50429, times=1)

    codes = [post(spying, real.body()).json()["code"] for _ in range(2)]

    assert codes == [50429, 10000]
    assert len(real.calls) == 1


def test_a_key_that_asks_for_a_code_gets_it_without_a_call(real: RunningMock, spying: RunningMock) -> None:
    reply = post(spying, real.body(), key="sk-mock-50412")

    assert reply.json()["code"] == 50412
    assert len(real.calls) == 0


def test_what_the_mock_would_refuse_still_reaches_the_upstream(real: RunningMock, spying: RunningMock) -> None:
    spying.fail(50411)

    reply = post(spying, {**real.body(), "req_key": "i2i_nothing"})

    assert reply.json()["code"] == 50400
    assert len(real.calls) == 1
    assert post(spying, real.body()).json()["code"] == 50411


def test_quotas_of_the_mock_apply_in_front_of_the_upstream(real: RunningMock) -> None:
    with front(real, "spy", requests_per_second=0.001).serve() as server:
        statuses = [post(server, real.body()).status_code for _ in range(2)]

    assert statuses == [200, 429]
    assert len(real.calls) == 1


@pytest.mark.parametrize(("mode", "called"), [("pass", 1), ("spy", 1), ("mock", 0)])
def test_a_rule_chooses_the_mode_of_the_calls_it_matches(real: RunningMock, mode: str, called: int) -> None:
    with front(real, "mock").serve() as server:
        server.world.scope().rules.add({"mode": mode, "match": {"req_key": "i2i_inpainting"}})

        post(server, real.body("i2i_inpainting"))
        post(server, real.body("i2i_inpainting_edit"))

        assert len(real.calls) == called


def test_a_rule_with_an_impossible_mode_is_refused(real: RunningMock) -> None:
    from volcv_mock import VolcvMock
    from volcv_mock.injection import BadRule

    with pytest.raises(BadRule, match="--upstream URL"):
        VolcvMock().world.scope().rules.add({"mode": "pass"})
