"""What the tests of the test kit share: a mock, a request that works, and every client that is intercepted."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import volcv_mock
from tests.helpers.clients import BASE, CLIENTS, URL, Post, by_httpx, by_requests
from tests.helpers.deadlines import DEADLINE_S
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
def virtual(mock: VolcvMock) -> Iterator[Any]:
    """Intercepted, in virtual time."""
    with mock.intercept(BASE, virtual_sleep=True) as opened:
        yield opened


@pytest.fixture
def body(mock: VolcvMock) -> dict[str, Any]:
    return mock.body("i2i_inpainting")


@pytest.fixture(scope="session")
def everything_imported() -> None:
    """pytester drops the modules that an inner run was the first to import; a second Flask beside the first
    would then break later tests. So all of them are imported before, and lazy ones by two calls."""
    for module in pkgutil.walk_packages(volcv_mock.__path__, "volcv_mock."):
        if "_shipped" not in module.name:
            importlib.import_module(module.name)
    importlib.import_module("volcengine.visual.VisualService")
    mock = VolcvMock()
    with mock.serve() as server:
        by_httpx(mock.body(), url=URL.replace(BASE, server.base_url), timeout=DEADLINE_S)
    with mock.intercept(BASE):
        by_httpx(mock.body())
        by_requests(mock.body())
