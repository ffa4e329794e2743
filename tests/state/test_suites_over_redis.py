"""The suites of rules and of the control API once more, over a state in fakeredis and in Redis.

Tests of what is refused before a state is asked, and of documents, do not run again.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.control import test_control_changes, test_control_reads
from tests.helpers import rule_books
from tests.helpers.states import NewUrl, left_to_redis
from tests.injection.test_rules_counted import *  # noqa: F403
from volcv_mock.config import Settings
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

WITHOUT_STATE = {
    "test_the_service_is_described_without_the_control_api", "test_the_control_api_describes_itself",
    "test_every_schema_of_the_document_is_sound", "test_a_bad_filter_is_refused_with_what_is_permitted",
    "test_unknown_parameters_and_bodies_are_refused_and_never_ignored", "test_an_unknown_path_is_refused_as_json",
    "test_a_bad_body_is_refused_and_never_breaks_anything", "test_a_scope_that_is_no_name_is_refused",
    "test_another_method_is_refused_as_json", "test_a_head_request_is_answered_without_a_body",
    "test_a_bad_rule_is_refused_with_what_is_permitted", "test_a_bad_latency_is_refused_with_what_is_permitted",
    "test_an_unknown_req_key_of_a_latency_is_answered_with_the_known_ones",
}  # fmt: skip

for _module in (test_control_changes, test_control_reads):
    _tests = {name: test for name, test in vars(_module).items() if inspect.isfunction(test) and name[:5] == "test_"}
    globals().update({name: test for name, test in _tests.items() if name not in WITHOUT_STATE})


@pytest.fixture
def world(in_redis: NewUrl) -> Iterator[World]:
    made = World(Settings(seed=7, faults=({"code": 50412, "times": 1},), state=in_redis()))
    yield made
    made.close()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_app(world).test_client()


@pytest.fixture(scope="module")
def books(in_redis: NewUrl) -> Iterator[World]:
    made = World(Settings(state=in_redis()))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def book(books: World, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """`book_of` makes the rules of a new scope."""
    if request.node.originalname == "test_skip_and_times_add_up_under_threads":
        left_to_redis(request, "25 examples with threads; fifty threads draw in two tests beside it")
    names = iter(range(10_000))

    def made(**options: object) -> object:
        if options:
            pytest.skip("this book has limits of its own")
        rules = books.state.scope(f"book-{next(names)}").rules
        rules.clear()
        return rules

    monkeypatch.setattr(rule_books, "RuleBook", made)
