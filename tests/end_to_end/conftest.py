"""What the tests in this folder share: one process for a file's tests, and in it a scope for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.process import Serving
from tests.helpers.desk import ACCESS_KEY, SECRET_KEY, Desk, scope_of


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Serving("--seed", "7", "--log", "off", "--auth", "any", "--ak", ACCESS_KEY, "--sk", SECRET_KEY) as process:
        yield process.url


@pytest.fixture
def desk(url: str, request: pytest.FixtureRequest) -> Desk:
    return Desk(url, scope_of(request.node.name))
