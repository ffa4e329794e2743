"""The fixture of the tests of the pipeline."""

from __future__ import annotations

import pytest

from volcv_mock.config import Settings
from volcv_mock.world import World


@pytest.fixture
def world() -> World:
    return World(Settings())
