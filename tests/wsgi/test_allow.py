"""Allow names the methods that a path has, whoever asks: every route of the app, with every method."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from volcv_mock.config import Settings
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

APP = create_app(World(Settings(auth="off")))
PATHS = sorted({re.sub(r"<[^>]+>", "x", rule.rule) for rule in APP.url_map.iter_rules()})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture
def client() -> FlaskClient:
    return APP.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_allow_names_the_methods_that_a_path_has(client: FlaskClient, path: str) -> None:
    """The control API refuses this Host with 403: the walk changes nothing. The reseller answers a GET of its endpoint
    as an unknown path."""
    answers = {method: client.open(path, "http://elsewhere", method=method) for method in METHODS}

    allowed = {answer.headers["Allow"] for answer in answers.values() if answer.status_code in (204, 405)}
    has = {method for method, answer in answers.items() if answer.status_code not in (404, 405)}
    assert [set(each.split(", ")) for each in allowed] == [has]


@pytest.mark.parametrize("path", ["/", "/volcv/v1", "/_mock/images/x.jpeg", "/_mock/images/x.png"])
def test_a_preflight_allows_what_the_405_of_the_path_allows(client: FlaskClient, path: str) -> None:
    preflight, refused = client.options(path), client.patch(path)

    assert preflight.headers["Allow"] == refused.headers["Allow"]
    assert preflight.headers["Access-Control-Allow-Methods"] == refused.headers["Allow"]
