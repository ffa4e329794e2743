from collections.abc import Callable, Iterator

import pytest

from tests.server.scripted import Mock
from volcv_mock.server.timeouts import Timeouts


@pytest.fixture
def serve() -> Iterator[Callable[..., Mock]]:
    """Start servers with a scripted world; each is stopped in the end, and nothing of it is left."""
    mocks: list[Mock] = []

    def start(host: str = "127.0.0.1", **timeouts: float) -> Mock:
        mocks.append(Mock(Timeouts(**timeouts), host))
        return mocks[-1]

    yield start
    for mock in mocks:
        mock.world.gate.set()
        mock.server.stop()


@pytest.fixture
def mock(serve) -> Mock:
    return serve()
