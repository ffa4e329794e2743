"""States for the tests of this folder (helpers/states.py): in memory, in fakeredis, and in a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.helpers.redis_server import RedisServer
from tests.helpers.states import EVERY, IN_REDIS, MEMORY, NewUrl, fake, new_url
from volcv_mock import VolcvMock

Make = Callable[..., VolcvMock]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def fake_redis() -> Iterator[NewUrl]:
    with pytest.MonkeyPatch.context() as patch:
        yield fake(patch)


@pytest.fixture(scope="session", params=IN_REDIS)
def in_redis(request: pytest.FixtureRequest) -> NewUrl:
    """For suites that have run over the state in memory in their own folder, and for what only Redis has."""
    return new_url(request.param, request)


@pytest.fixture(scope="session", params=EVERY)
def in_any(request: pytest.FixtureRequest) -> NewUrl:
    return new_url(request.param, request)


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


def team(make: Make, url: str, number: int, settings: dict[str, Any]) -> list[VolcvMock]:
    """So many mocks that are one. In memory it is one mock, so many times: the others must be as one."""
    if url == MEMORY:
        return [make(**settings)] * number
    return [make(state=url, **settings) for _ in range(number)]


@pytest.fixture
def replicas(make: Make, in_any: NewUrl) -> Callable[..., list[VolcvMock]]:
    """So many mocks with one state, whichever it is."""
    url = in_any()
    return lambda number=2, **settings: team(make, url, number, settings)


@pytest.fixture
def processes(make: Make, in_redis: NewUrl) -> Callable[..., list[VolcvMock]]:
    """So many mocks as in processes of their own: their state is in Redis, and one may die."""
    url = in_redis()
    return lambda number=2, **settings: team(make, url, number, settings)


@pytest.fixture(scope="module")
def shared(in_redis: NewUrl) -> Iterator[Callable[[], Any]]:
    """Makes scopes that no other test has, in one mock: for properties, which try many."""
    mock, numbers = VolcvMock(state=in_redis()), iter(range(1_000_000))
    yield lambda: mock.world.state.scope(f"property-{next(numbers)}")
    mock.close()
