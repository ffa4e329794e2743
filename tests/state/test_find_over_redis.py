"""The suite of finding calls once more, over a state in Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control.test_find import *  # noqa: F403
from tests.control.test_find import filled
from tests.helpers.redis_server import RedisServer
from volcv_mock import VolcvMock


@pytest.fixture(scope="module")
def mock(redis_server: RedisServer) -> Iterator[VolcvMock]:
    made = filled(VolcvMock(seed=7, keep_bodies=1_000_000, state=redis_server.url()))
    yield made
    made.close()
