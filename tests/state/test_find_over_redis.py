"""The suite of finding calls once more, over a state in fakeredis and in Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control.test_find import *  # noqa: F403
from tests.control.test_find import filled
from tests.helpers.states import NewUrl
from volcv_mock import VolcvMock


@pytest.fixture(scope="module")
def mock(in_redis: NewUrl) -> Iterator[VolcvMock]:
    made = filled(VolcvMock(seed=7, keep_bodies=1_000_000, state=in_redis()))
    yield made
    made.close()
