"""A second mock as the upstream, and the mock in front of it, each on its own port of 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.upstream.front import KEY, front
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock


@pytest.fixture
def real() -> Iterator[RunningMock]:
    """The stand-in for the real service."""
    with VolcvMock(seed=11, api_keys=[KEY], triggers=False).serve() as server:
        yield server


@pytest.fixture
def passing(real: RunningMock) -> Iterator[RunningMock]:
    """A mock in front of it, in the mode `pass`."""
    with front(real, "pass").serve() as server:
        yield server


@pytest.fixture
def spying(real: RunningMock) -> Iterator[RunningMock]:
    """A mock in front of it, in the mode `spy`."""
    with front(real, "spy").serve() as server:
        yield server
