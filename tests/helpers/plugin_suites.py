"""Test suites that use the plugin, run inside a test."""

from __future__ import annotations

import pytest

CALL = """
    import httpx

    URL = "https://api.example.com/volcv/v1?Action=CVProcess&Version=2022-08-31"

    def code(volcv, url=URL, **options):
        reply = httpx.post(url, json=volcv.body(), headers={"Authorization": "Bearer sk-a"}, **options)
        return reply.json()["code"]
"""


@pytest.fixture
def suite(everything_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite with a helper `app.code(volcv)`, away from this project's own settings."""
    for name in ("VOLC_ACCESSKEY", "VOLC_SECRETKEY", "VOLCV_BASE_URL", "VOLCV_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(app=CALL)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    return pytester


def run(suite: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return suite.runpytest_inprocess("-p", "no:cacheprovider", *arguments)
