"""States for the tests of this folder: a real Redis on a Unix socket, and fakeredis."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import pytest

from tests.helpers.redis_server import RedisServer
from volcv_mock import VolcvMock
from volcv_mock.state.redis import state as redis_state

Make = Callable[..., VolcvMock]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def fake_redis(monkeypatch: pytest.MonkeyPatch) -> str:
    """The state URL of a Redis in this process."""
    server = fakeredis.FakeServer()

    def connect() -> fakeredis.FakeRedisConnection:
        return fakeredis.FakeRedisConnection(server=server, protocol=2)

    monkeypatch.setattr(redis_state, "connector", lambda address: connect)
    return "redis://fake"


@pytest.fixture
def shared_url(request: pytest.FixtureRequest) -> str:
    """The URL of a state that several mocks can share: a real Redis, else fakeredis, which takes a hundred times as
    long."""
    if shutil.which("redis-server") or shutil.which("valkey-server"):
        return str(request.getfixturevalue("redis_server").url())
    return str(request.getfixturevalue("fake_redis"))


@pytest.fixture
def make() -> Iterator[Make]:
    """Mocks with any settings; they are closed in the end."""
    made: list[VolcvMock] = []

    def build(**settings: Any) -> VolcvMock:
        made.append(VolcvMock(**settings))
        return made[-1]

    yield build
    for mock in made:
        mock.close()


@pytest.fixture
def replicas(make: Make, shared_url: str) -> Callable[..., list[VolcvMock]]:
    """So many mocks with one state."""
    return lambda number=2, **settings: [make(state=shared_url, **settings) for _ in range(number)]


@pytest.fixture(scope="module")
def shared(redis_server: RedisServer) -> Iterator[Callable[[], Any]]:
    """Makes scopes that no other test has, in one mock: for properties, which try many."""
    mock, numbers = VolcvMock(state=redis_server.url()), iter(range(1_000_000))
    yield lambda: mock.world.state.scope(f"property-{next(numbers)}")
    mock.close()
