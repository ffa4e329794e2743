"""The pytest plugin, in test suites of its own: fixtures, marker, environment, and the company of other plugins."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers.deadlines import DEADLINE_S
from tests.helpers.plugin_suites import run
from volcv_mock.testing.handles import InterceptedMock

HEAVY = ("flask", "gevent", "PIL", "respx", "responses", "httpx", "requests", "urllib3", "jsonschema", "hypothesis")


def test_nothing_heavy_is_imported_before_a_fixture_is_used() -> None:
    program = f"import sys, volcv_mock.pytest_plugin; print([n for n in {HEAVY!r} if n in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"


def test_the_fixture_intercepts_and_is_fresh_for_each_test(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from app import code

        @pytest.mark.parametrize("round", [1, 2])
        def test_app(volcv, round):
            volcv.fail(50411, times=1)
            assert code(volcv) == 50411
            assert code(volcv) == 10000
            volcv.assert_called(times=2)
            assert volcv.proxy_url == "https://api.example.com/volcv/v1"
    """)

    run(suite).assert_outcomes(passed=2)


def test_the_marker_sets_the_mock_up(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import httpx, pytest
        from app import URL, code

        pytestmark = pytest.mark.volcv(seed=3)

        @pytest.mark.volcv(faults=[50429, "ghost_face", {"code": 50412, "match": {"req_key": "byteedit_v2.0"}}])
        def test_faults(volcv):
            assert len(volcv.world.scope().rules) == 3
            assert volcv.world.settings.seed == 3
            assert code(volcv) == 50429

        @pytest.mark.volcv(base_url=["https://one.example", "https://two.example/ai"])
        def test_base_urls(volcv):
            assert code(volcv, URL.replace("api.example.com", "one.example")) == 10000
            assert code(volcv, URL.replace("api.example.com", "two.example/ai")) == 10000

        @pytest.mark.volcv(latency="3s")
        def test_latency(volcv):
            with pytest.raises(httpx.ReadTimeout):
                code(volcv, timeout=2)
            assert code(volcv, timeout=4) == 10000

        @pytest.mark.volcv(virtual_sleep=True)
        def test_sleep(volcv):
            import time
            time.sleep(3600)
    """)

    run(suite).assert_outcomes(passed=4)


def test_the_server_is_started_once_and_reset_for_each_test(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from app import code

        seen = set()

        @pytest.mark.parametrize("round", [1, 2, 3])
        def test_app(volcv_server, round):
            seen.add(volcv_server.base_url)
            assert len(seen) == 1
            assert len(volcv_server.calls) == 0
            volcv_server.fail(50411)
            assert code(volcv_server, volcv_server.proxy_url + "?Action=CVProcess&Version=2022-08-31") == 50411

        @pytest.mark.volcv(faults=[50413], seed=9)
        def test_of_its_own(volcv_server):
            assert volcv_server.world.settings.seed == 9
            assert code(volcv_server, volcv_server.proxy_url + "?Action=CVProcess&Version=2022-08-31") == 50413
    """)

    run(suite).assert_outcomes(passed=4)


def test_both_fixtures_stand_beside_each_other(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        from app import code

        def test_app(volcv, volcv_server):
            assert code(volcv) == 10000
            assert code(volcv, volcv_server.proxy_url + "?Action=CVProcess&Version=2022-08-31") == 10000
            assert len(volcv.calls) == len(volcv_server.calls) == 1
    """)

    run(suite).assert_outcomes(passed=1)


def test_the_environment_is_set_for_the_test_and_restored(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLC_ACCESSKEY", "AKLTreal")
    suite.makepyfile("""
        import os
        from volcengine.visual.VisualService import VisualService

        def test_sdk(volcv):
            assert os.environ["VOLC_ACCESSKEY"] != "AKLTreal"
            assert VisualService().cv_process(volcv.body())["code"] == 10000
            assert volcv.calls.last.credential == "signature"
            assert os.environ["VOLCV_BASE_URL"] == "https://api.example.com"

        def test_afterwards():
            assert os.environ["VOLC_ACCESSKEY"] == "AKLTreal"
            assert "VOLCV_BASE_URL" not in os.environ
    """)

    run(suite, "-p", "no:randomly").assert_outcomes(passed=2)


@pytest.mark.parametrize("source", ["environment", "ini"])
def test_the_base_url_comes_from_environment_or_ini_as_well(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    if source == "environment":
        monkeypatch.setenv("VOLCV_BASE_URL", "https://gw.example.com/ai")
    else:
        suite.makeini(
            "[pytest]\nasyncio_default_fixture_loop_scope = function\nvolcv_base_url =\n    https://gw.example.com/ai\n"
        )
    suite.makepyfile("""
        from app import URL, code

        def test_app(volcv):
            assert code(volcv, URL.replace("api.example.com", "gw.example.com/ai")) == 10000
    """)

    run(suite).assert_outcomes(passed=1)


def test_async_tests_and_random_order_are_fine(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import asyncio, httpx, pytest
        from app import URL

        async def ask(volcv):
            async with httpx.AsyncClient(headers={"Authorization": "Bearer sk-a"}) as client:
                return (await client.post(URL, json=volcv.body())).json()["code"]

        @pytest.mark.asyncio
        @pytest.mark.parametrize("round", range(3))
        async def test_asyncio(volcv, round):
            assert await asyncio.gather(ask(volcv), ask(volcv)) == [10000, 10000]

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        async def test_anyio(volcv, anyio_backend):
            assert await ask(volcv) == 10000
    """)

    run(suite, "-p", "randomly").assert_outcomes(passed=4)


def test_xdist_workers_do_not_meet(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In three processes, which load the plugins that matter here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    suite.makepyfile("""
        import pytest
        from app import code

        @pytest.mark.parametrize("round", range(4))
        def test_app(volcv, volcv_server, round):
            volcv_server.fail(50411)
            assert code(volcv) == 10000
            assert code(volcv_server, volcv_server.proxy_url + "?Action=CVProcess&Version=2022-08-31") == 50411
    """)

    plugins = ("-p", "xdist", "-p", "volcv_mock.pytest_plugin", "-p", "no:cacheprovider")
    suite.makeini("[pytest]\n")
    suite.runpytest_subprocess("-n", "2", *plugins).assert_outcomes(passed=4)


def test_the_marker_is_registered(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.volcv(seed=1)\ndef test_app(): pass\n")

    run(suite, "--strict-markers").assert_outcomes(passed=1)


@pytest.mark.parametrize("marker", ["@pytest.mark.volcv(seed=1)", ""], ids=["settings of its own", "no settings"])
@pytest.mark.parametrize("fixture", ["volcv", "volcv_server"])
def test_a_proxy_of_the_environment_reaches_no_call_to_the_mock(
    fixture: str, marker: str, suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI machines set HTTP_PROXY; clients follow it even to 127.0.0.1."""
    for name, value in {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "intern.test"}.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    suite.makepyfile(f"""
        import os
        import httpx, pytest, requests

        {marker}
        def test_app({fixture}):
            url = {fixture}.proxy_url + "?Action=CVProcess&Version=2022-08-31"
            given = {{"json": {fixture}.body(), "headers": {{"Authorization": "Bearer sk-a"}}, "timeout": {DEADLINE_S}}}
            assert requests.post(url, **given).json()["code"] == 10000
            assert httpx.post(url, **given).json()["code"] == 10000
            assert os.environ["NO_PROXY"].split(",")[0] == "intern.test"

        def test_after():
            assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intern.test"
    """)

    run(suite, "-p", "no:randomly").assert_outcomes(passed=2)


@pytest.mark.volcv(readings={"mask-size": "resize"})
def test_the_marker_takes_readings(volcv: InterceptedMock) -> None:
    assert volcv.world.readings.played["mask-size"] == "resize"


@pytest.mark.volcv(readings="tests/testing/readings.toml")
def test_a_file_of_readings_is_found_from_the_root_of_the_run(volcv: InterceptedMock) -> None:
    assert volcv.world.readings.played["mask-size"] == "resize"
    assert volcv.world.readings.measured == {"mask-size"}
