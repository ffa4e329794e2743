"""Loopback calls of our own go to the server itself, whatever the environment says about proxies."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack

import httpx
import pytest
import requests

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock
from volcv_mock._util.loopback import NAMES, Bypass, no_proxy_with, open_directly

PROXY = "http://127.0.0.1:9"
"""The discard port: nothing answers there."""


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_bypassed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, PROXY)
    for no_proxy in NAMES:
        monkeypatch.setenv(no_proxy, "")

    server = VolcvMock().serve().start()  # a block would set NO_PROXY
    try:
        with open_directly(f"{server.base_url}/_mock/health", 20) as reply:
            assert json.load(reply)["status"] == "ok"
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "127.0.0.1"),
        ({"NO_PROXY": ""}, "127.0.0.1"),
        ({"NO_PROXY": "intern.test, .corp.test"}, "intern.test,.corp.test,127.0.0.1"),
        ({"NO_PROXY": "a.test", "no_proxy": "b.test"}, "a.test,b.test,127.0.0.1"),
        ({"no_proxy": "127.0.0.1"}, "127.0.0.1"),
        ({"no_proxy": "*"}, "*"),
    ],
    ids=str,
)
def test_the_hosts_that_no_proxy_lists_are_kept(environ: dict[str, str], expected: str) -> None:
    assert no_proxy_with("127.0.0.1", environ) == expected


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, PROXY)
    monkeypatch.setenv("NO_PROXY", "intern.test")
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_served_block_is_reached_by_clients_that_follow_the_environment() -> None:
    """CI machines set HTTP_PROXY, and httpx and requests follow it even to 127.0.0.1."""
    with VolcvMock().serve() as server:
        answers = [get(f"{server.base_url}/_mock/health", timeout=DEADLINE_S) for get in (httpx.get, requests.get)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.usefixtures("behind_a_proxy")
def test_the_variables_are_restored_after_a_served_block() -> None:
    with VolcvMock().serve():
        assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intern.test,127.0.0.1"

    assert os.environ["NO_PROXY"] == "intern.test"
    assert "no_proxy" not in os.environ


@pytest.mark.usefixtures("behind_a_proxy")
def test_blocks_that_overlap_restore_the_variables_when_the_last_one_ends() -> None:
    """Two mocks may be closed in the order in which they were opened."""
    bypass, first, second = Bypass(), ExitStack(), ExitStack()
    first.enter_context(bypass.of("127.0.0.1"))
    second.enter_context(bypass.of("127.0.0.2"))

    first.close()
    assert os.environ["NO_PROXY"] == "intern.test,127.0.0.1,127.0.0.2"
    second.close()
    assert os.environ["NO_PROXY"] == "intern.test"


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_variable_that_was_set_within_the_block_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with Bypass().of("127.0.0.1"):
        monkeypatch.setenv("NO_PROXY", "of.the.test")

    assert os.environ["NO_PROXY"] == "of.the.test"
