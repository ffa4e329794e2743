"""The suite of callbacks once more, over a state in fakeredis and in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.states import NewUrl
from tests.tasks.test_callbacks import *  # noqa: F403
from volcv_mock import VolcvMock


@pytest.fixture
def mock(in_redis: NewUrl) -> Iterator[Any]:
    made = VolcvMock(state=in_redis())
    with made.serve() as server:
        server.clock.freeze()
        yield server
    made.close()
