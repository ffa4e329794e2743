"""`--upstream-budget`: what a forgotten test suite can spend is bounded, by the ledger that contract runs use."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from tests.upstream.front import KEY, PATH, front, post
from volcv_mock import VolcvMock
from volcv_mock.config import BadSetting
from volcv_mock.recording.ledger import Ledger
from volcv_mock.testing.handles import RunningMock


def test_nothing_is_sent_beyond_the_budget(real: RunningMock, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with front(real, "pass", upstream_budget=2, upstream_ledger=str(ledger)).serve() as server:
        statuses = [post(server, real.body()).status_code for _ in range(3)]
        reason = post(server, real.body()).headers["X-Volcv-Mock-Reason"]

    assert statuses == [200, 200, 403]
    assert "2 of 2 paid calls are spent" in reason
    assert len(real.calls) == 2


def test_a_budget_outlives_the_mock(real: RunningMock, tmp_path: Path) -> None:
    settings = {"upstream_budget": 1, "upstream_ledger": str(tmp_path / "ledger.jsonl")}
    with front(real, "pass", **settings).serve() as server:
        post(server, real.body())
    with front(real, "pass", **settings).serve() as server:
        assert post(server, real.body()).status_code == 403


def test_a_refusal_before_the_model_returns_to_the_budget(real: RunningMock, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with front(real, "pass", upstream_budget=1, upstream_ledger=str(ledger)).serve() as server:
        for _ in range(3):
            assert post(server, {**real.body(), "req_key": "i2i_nothing"}).status_code == 401

    assert len(real.calls) == 3
    assert Ledger(ledger, 1).spent() == 0


@pytest.mark.parametrize("is_on_a_socket", [True, False])
def test_a_call_that_found_no_connection_returns_to_the_budget(tmp_path: Path, is_on_a_socket: bool) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses connections
        mock = VolcvMock(upstream=f"http://127.0.0.1:{taken.getsockname()[1]}", mode="pass", api_keys=[KEY],
                         upstream_budget=1, upstream_ledger=str(ledger))  # fmt: skip
        if is_on_a_socket:
            with mock.serve() as server:
                statuses = [post(server, server.body()).status_code for _ in range(2)]
        else:
            bearer = {"Authorization": f"Bearer {KEY}"}
            client = httpx.Client(transport=httpx.WSGITransport(mock.app), base_url="http://mock", headers=bearer)
            statuses = [client.post(PATH, json=mock.body()).status_code for _ in range(2)]

    assert statuses == [502, 502]
    assert Ledger(ledger, 1).spent() == 0


def test_a_damaged_ledger_is_refused_at_the_start(real: RunningMock, tmp_path: Path) -> None:
    """What cannot be read might be a call."""
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text("{", encoding="utf-8")

    with pytest.raises(BadSetting, match="line 1 of the ledger"):
        front(real, "pass", upstream_budget=1, upstream_ledger=str(ledger))
