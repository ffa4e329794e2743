"""The clocks of an app inside an intercept: which are virtual, and for whom."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import AsyncMock

import pytest
import requests
from hypothesis import given, settings
from hypothesis.strategies import just

from tests.helpers.clients import BASE, KEY, URL
from tests.helpers.virtual_calls import post
from volcv_mock import VolcvMock
from volcv_mock.intercept import client_time

CLOCKS = ["monotonic", "time", "perf_counter"]
FORMS = {"": 1, "_ns": 1e9}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_retry_deadline_measured_by_a_clock_ends_in_virtual_time(virtual: Any, name: str) -> None:
    """tenacity#228: with virtual sleeping and a real clock, a client retries as often as it can until the deadline.
    Real time counts too, so the pauses are far longer than the calls take."""
    virtual.fail(50429)

    ends_s = getattr(time, name)() + 4500
    while getattr(time, name)() < ends_s:
        post(virtual)
        time.sleep(1000)

    assert len(virtual.calls) == 5


@pytest.mark.parametrize(("name", "unit"), [(name + form, unit) for name in CLOCKS for form, unit in FORMS.items()])
def test_each_clock_moves_by_a_virtual_sleep(virtual: Any, name: str, unit: float) -> None:
    before = getattr(time, name)()

    time.sleep(3600)

    assert 3600 <= (getattr(time, name)() - before) / unit < 3700


def by_httpx(virtual: Any) -> float:
    return post(virtual).elapsed.total_seconds()


def by_requests(virtual: Any) -> float:
    return requests.post(URL, json=virtual.body(), headers=KEY, timeout=500).elapsed.total_seconds()


@pytest.mark.parametrize("elapsed_s", [by_httpx, by_requests], ids=["httpx", "requests"])
def test_the_elapsed_time_of_a_response_has_its_delay(virtual: Any, elapsed_s: Callable[[Any], float]) -> None:
    virtual.delay(400)

    assert 400 <= elapsed_s(virtual) < 500


@pytest.mark.parametrize("module", ["_pytest.timing", "hypothesis.core", "xdist.remote", "pytest_benchmark.fixture"])
def test_a_test_tool_sees_real_time(virtual: Any, module: str) -> None:
    """A virtual hour is not the duration of a test."""
    now = eval("lambda: (time.perf_counter(), time.monotonic(), time.time())", {"time": time, "__name__": module})
    before = now()

    time.sleep(3600)

    assert all(after_s - before_s < 3600 for before_s, after_s in zip(before, now(), strict=True))


def test_perf_counter_stays_real_in_the_main_program(virtual: Any) -> None:
    """A script measures by it how long its run takes; the clocks of its deadlines are virtual there too."""
    now = eval("lambda: (time.perf_counter(), time.monotonic())", {"time": time, "__name__": "__main__"})
    (ticks_s, before_s) = now()

    time.sleep(3600)

    assert now()[0] - ticks_s < 3600 <= now()[1] - before_s


def test_an_example_of_hypothesis_is_not_slow_because_of_virtual_time(virtual: Any) -> None:
    @given(just(3600))
    @settings(deadline=timedelta(seconds=1800), max_examples=1, database=None)
    def sleeps(seconds: int) -> None:
        time.sleep(seconds)

    sleeps()


@pytest.mark.parametrize("name", ["process_time", "thread_time"])
def test_clocks_of_cpu_time_stay_real(virtual: Any, name: str) -> None:
    before_s = getattr(time, name)()

    time.sleep(3600)

    assert getattr(time, name)() - before_s < 3600


def test_a_slow_response_moves_the_clocks_too(virtual: Any) -> None:
    virtual.delay(10)
    before_s = time.monotonic()

    post(virtual)

    assert time.monotonic() - before_s >= 10


MODULE = "from time import sleep, monotonic\nfrom asyncio import sleep as asleep\n"


def test_a_module_first_imported_inside_the_block_sleeps_really_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_inside_a_block.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    real = time.sleep, time.monotonic, asyncio.sleep
    with VolcvMock().intercept(BASE, virtual_sleep=True):
        app = importlib.import_module("imported_inside_a_block")
        app.sleep(3600)
    sys.modules.pop("imported_inside_a_block")

    slept_s: list[float] = []
    monkeypatch.setattr(client_time, "_real_sleep", slept_s.append)
    monkeypatch.setattr(client_time, "_real_asyncio_sleep", AsyncMock(side_effect=lambda s, _: slept_s.append(s)))
    app.sleep(3600)
    asyncio.run(app.asleep(60))

    assert slept_s == [3600, 60]
    assert (time.sleep, time.monotonic, asyncio.sleep) == real
    assert abs(app.monotonic() - time.monotonic()) < 60


def test_a_sleep_or_clock_with_another_name_is_virtual_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """`from time import sleep as pause, perf_counter as ticks` in a module that was imported before the block."""
    app = ModuleType("app_with_its_own_names")
    app.ticks = time.perf_counter  # type: ignore[attr-defined]
    app.pause, app.pause_async, app.monotonic = time.sleep, asyncio.sleep, time.monotonic  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, app.__name__, app)
    real = dict(vars(app))

    for _ in range(2):
        with VolcvMock().intercept(BASE, virtual_sleep=True) as virtual:
            before_s = virtual.clock.now_s()
            app.pause(3600)
            asyncio.run(app.pause_async(3600))
            assert app.monotonic() - real["monotonic"]() > 3600
            assert app.ticks() - real["ticks"]() > 3600
            assert virtual.clock.now_s() - before_s >= 7200

        assert vars(app) == real


def test_the_clocks_of_a_new_thread_do_not_go_back_at_its_first_call(virtual: Any) -> None:
    time.sleep(3600)

    def work() -> float:
        before_s = time.monotonic()
        post(virtual)
        return time.monotonic() - before_s

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() >= 0
