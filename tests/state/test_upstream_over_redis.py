"""Two mocks with one state in front of the real service, or with its recordings: what they count is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.state.test_one_mock import CALL, Replicas
from tests.upstream.front import KEY, front
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

KEYS = {"api_keys": [KEY], "triggers": False}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningMock]:
    with VolcvMock(seed=11, **KEYS).serve() as server:
        yield server


@pytest.fixture
def real(served: RunningMock) -> RunningMock:
    """The stand-in for the real service."""
    served.reset()
    return served


def post(mock: VolcvMock, **members: Any) -> Any:
    headers = {"Authorization": f"Bearer {KEY}"}
    return mock.app.test_client().post(CALL, json=mock.body(**members), headers=headers, buffered=True)


def test_recordings_of_one_request_are_replayed_in_turn_by_both(
    real: RunningMock, replicas: Replicas, tmp_path: Path
) -> None:
    """Each has the same folder: the turns are common, recordings are not."""
    real.sequence(50411, None, 50412)
    recording = front(real, "record", recordings=str(tmp_path))
    recorded = [post(recording, seed=1).get_json()["code"] for _ in range(4)]

    a, b = replicas(mode="replay", recordings=str(tmp_path), **KEYS)

    assert [post(each, seed=1).get_json()["code"] for each in (a, b, b, a)] == recorded == [50411, 10000, 50412, 10000]


def test_both_together_spend_the_budget_of_the_upstream(
    real: RunningMock, replicas: Replicas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a common state it is spent over all mocks that run in a folder."""
    monkeypatch.chdir(tmp_path)
    a, b = replicas(upstream=real.base_url, mode="pass", upstream_budget=2, **KEYS)

    statuses = [post(each, seed=number).status_code for number, each in enumerate((a, b, a, b))]

    assert statuses == [200, 200, 403, 403]
    assert len(real.calls) == 2


def test_what_differed_at_one_is_shown_by_both(real: RunningMock, replicas: Replicas) -> None:
    a, b = replicas(upstream=real.base_url, mode="diff", **KEYS)
    real.fail(50413, times=1)

    post(a), post(b)

    found = [each.app.test_client().get("/_mock/differences").get_json() for each in (a, b)]
    assert found[0] == found[1]
    assert b.world.differences.summary().startswith("1 of 2 calls differ: code 1")
