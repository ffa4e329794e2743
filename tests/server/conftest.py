from collections.abc import Callable, Iterator

import gevent
import pytest

from tests.server.scripted import WAIT_S, Mock
from volcv_mock.server.loop_callbacks import LoopCallbacks
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


@pytest.fixture
def callbacks() -> Iterator[LoopCallbacks]:
    """Of the loop of this thread; what a test left in it is over when the next one begins."""
    callbacks = LoopCallbacks(gevent.get_hub())
    with gevent.Timeout(WAIT_S):
        yield callbacks
        gevent.sleep(0)
    callbacks.close()
