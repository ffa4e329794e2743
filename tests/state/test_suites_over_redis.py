"""The suites of rules and of the control API once more, over a state in Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.control.test_control_changes import *  # noqa: F403
from tests.control.test_control_reads import *  # noqa: F403
from tests.helpers import rule_books
from tests.helpers.redis_server import RedisServer
from tests.injection.test_rules_counted import *  # noqa: F403
from volcv_mock.config import Settings
from volcv_mock.world import World
from volcv_mock.wsgi import create_app


@pytest.fixture
def world(redis_server: RedisServer) -> Iterator[World]:
    made = World(Settings(seed=7, faults=({"code": 50412, "times": 1},), state=redis_server.url()))
    yield made
    made.close()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_app(world).test_client()


@pytest.fixture(scope="module")
def books(redis_server: RedisServer) -> Iterator[World]:
    made = World(Settings(state=redis_server.url()))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def book(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`book_of` makes the rules of a new scope."""
    names = iter(range(10_000))

    def made(**options: object) -> object:
        if options:
            pytest.skip("this book has limits of its own")
        rules = books.state.scope(f"book-{next(names)}").rules
        rules.clear()
        return rules

    monkeypatch.setattr(rule_books, "RuleBook", made)
