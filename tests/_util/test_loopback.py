"""Loopback calls of our own go to the server itself, whatever the environment says about proxies."""

from __future__ import annotations

import json

import pytest

from volcv_mock import VolcvMock
from volcv_mock._util.loopback import NAMES, no_proxy_with, open_directly

PROXY = "http://127.0.0.1:9"
"""The discard port: nothing answers there."""


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_bypassed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, PROXY)
    for no_proxy in NAMES:
        monkeypatch.setenv(no_proxy, "")

    with VolcvMock().serve() as server, open_directly(f"{server.base_url}/_mock/health", 20) as reply:
        assert json.load(reply)["status"] == "ok"


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
