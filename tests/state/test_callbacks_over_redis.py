"""The suite of callbacks once more, over a state in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.redis_server import RedisServer
from tests.tasks.test_callbacks import *  # noqa: F403
from volcv_mock import VolcvMock


@pytest.fixture
def mock(redis_server: RedisServer) -> Iterator[Any]:
    made = VolcvMock(state=redis_server.url())
    with made.serve() as server:
        server.clock.freeze()
        yield server
    made.close()
