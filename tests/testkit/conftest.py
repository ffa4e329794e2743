"""What the tests of the test kit share: a mock, a request that works, and every client that is intercepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.testkit.clients import BASE, CLIENTS, Post
from volcv_mock import VolcvMock


@pytest.fixture(params=CLIENTS.values(), ids=CLIENTS)
def post(request: pytest.FixtureRequest) -> Post:
    """Each client in turn."""
    found: Post = request.param
    return found


@pytest.fixture
def mock() -> VolcvMock:
    return VolcvMock(seed=7)


@pytest.fixture
def intercepted(mock: VolcvMock) -> Iterator[Any]:
    with mock.intercept(BASE) as opened:
        yield opened


@pytest.fixture
def body(mock: VolcvMock) -> dict[str, Any]:
    return mock.body("i2i_inpainting")
