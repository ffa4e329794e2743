"""The suites of quotas and of the clock once more, over a state in fakeredis and in Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.helpers.states import NewUrl, left_to_redis
from tests.simulation import test_quotas
from tests.simulation.test_clock import *  # noqa: F403
from tests.simulation.test_clock import Hands
from tests.simulation.test_quotas import *  # noqa: F403
from volcv_mock import VolcvMock
from volcv_mock.simulation.quotas import QuotaSettings
from volcv_mock.state.redis.clock import RedisClock

NEEDS_MEMORY = {
    "test_the_number_of_keys_is_bounded_and_the_idle_leave_first": "in Redis a key ends with its last slot and window",
    "test_without_limits_everyone_is_admitted": "nothing is asked of Redis",
    "test_reset_forgets_the_window_and_keeps_who_is_in_flight": "in Redis a restart of the scope does it",
    "test_no_key_is_kept": "the digest is longer; test_one_mock.py looks for the key in all that Redis has",
}

TAKES_LONG = {
    "test_no_window_of_a_second_holds_more_than_the_rate": "5000 scripts; test_at_once.py has a shorter model of it",
}


@pytest.fixture(scope="module")
def scope(in_redis: NewUrl) -> Iterator[Callable[[], Any]]:
    """Makes scopes that no other test has."""
    mock, numbers = VolcvMock(state=in_redis()), iter(range(1_000_000))
    yield lambda: mock.world.state.scope(f"suite-{next(numbers)}")
    mock.close()


@pytest.fixture(autouse=True)
def quotas_in_redis(scope: Callable[[], Any], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.originalname in TAKES_LONG:
        left_to_redis(request, TAKES_LONG[request.node.originalname])
    reason = NEEDS_MEMORY.get(request.node.originalname)
    if reason:
        pytest.skip(reason)

    def made(settings: QuotaSettings | None = None) -> Any:
        quotas = scope().quotas
        quotas.change(settings or QuotaSettings())
        return quotas

    monkeypatch.setattr(test_quotas, "Quotas", made)


@pytest.fixture
def clock(scope: Callable[[], Any], hands: Hands) -> RedisClock:
    kept = scope()
    return RedisClock(kept._name, kept._connections, kept._channel, real_offset_s=lambda: 0.0, monotonic=hands)
