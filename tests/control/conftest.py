"""What the tests of the control API share: a world with one rule of its settings, and a client."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from volcv_mock.config import Settings
from volcv_mock.world import World
from volcv_mock.wsgi import create_app


@pytest.fixture
def world() -> World:
    return World(Settings(seed=7, faults=({"code": 50412, "times": 1},)))


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_app(world).test_client()
