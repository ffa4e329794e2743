"""`serve --workers N`: several processes that are one mock, and what cannot work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.process import DEADLINE_S, Serving
from tests.helpers.redis_server import RedisServer
from tests.server.scripted import until
from volcv_mock import VolcvMock
from volcv_mock.cli.serve import main
from volcv_mock.cli.workers import _of_today
from volcv_mock.config import Settings, from_sources

CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-a"}
CLIENTS, CALLS = 6, 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "0"], "--workers = '0': wanted a whole number from 1 to 1000."),
        (["--workers", "2"], "workers = 2: several workers need a common state: --state redis://HOST:PORT"),
        (["--workers", "2", "--state", "redis://127.0.0.1:9"],
         "--state redis://127.0.0.1:9/0 does not answer: connection refused"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_once(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", *arguments]) == 2

    assert capsys.readouterr().err == f"volcv-mock serve: {message}\n"


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("workers") / "mock.toml"
    made.write_text("", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def serving(redis_server: RedisServer, file: Path) -> Iterator[Serving]:
    flags = ("--workers", "2", "--state", redis_server.url(), "--log", "off", "--config", str(file))
    with Serving(*flags) as found:
        yield found


def workers(serving: Serving) -> set[int]:
    """The processes that serve: the children of the one that was started."""
    own = serving.process.pid
    return set(map(int, Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()))


def ask(serving: Serving, path: str) -> httpx.Response:
    return httpx.get(serving.url + path, trust_env=False, timeout=DEADLINE_S)


def codes(serving: Serving, calls: int = CALLS) -> list[int]:
    body = VolcvMock().body(seed=-1)

    def client(_: int) -> list[int]:
        with httpx.Client(trust_env=False, timeout=DEADLINE_S) as http:
            return [http.post(serving.url + CALL, json=body, headers=KEY).json()["code"] for _ in range(calls)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [code for found in pool.map(client, range(CLIENTS)) for code in found]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_workers_are_one_mock_that_outlives_each_of_them(serving: Serving, file: Path) -> None:
    """In one test: to start two workers takes a second."""
    total = CLIENTS * CALLS
    httpx.post(serving.url + "/_mock/faults", json={"code": 50411, "times": 5}, trust_env=False, timeout=DEADLINE_S)

    found = codes(serving)

    assert sorted(found) == [10000] * (total - 5) + [50411] * 5
    calls = ask(serving, "/_mock/calls?limit=1000").json()["calls"]
    assert sorted(call["number"] for call in calls) == list(range(1, total + 1))
    assert len({call["id"] for call in calls}) == total
    seen: set[float] = set()  # a worker knows the others' metrics a second later
    assert until(lambda: total in seen or seen.add(counted(serving)))

    before = workers(serving)
    answered, cut_off = calls_while_one_is_killed(serving, min(before))

    assert until(lambda: len(workers(serving) - before) == 1)
    assert len(workers(serving)) == 2
    assert "ended (signal 9); another one is started" in serving.error_with("ended")
    calls = ask(serving, "/_mock/calls?limit=1000").json()["calls"][total:]
    ids = {call["id"] for call in calls}
    assert ids >= set(answered)
    assert len(ids) <= len(answered) + cut_off
    assert len({call["number"] for call in calls}) == len(calls)
    assert codes(serving, 1) == [10000] * CLIENTS

    before = workers(serving)
    file.write_text("[[faults]]\ncode = 50412\ntimes = 1\n", encoding="utf-8")
    serving.process.send_signal(signal.SIGHUP)

    assert "reloaded" in serving.error_with("mock.toml")  # the new worker may still begin, with this file
    assert sorted(codes(serving, 1)) == [10000] * (CLIENTS - 1) + [50412]  # the rule is there once
    assert workers(serving) == before
    assert serving.end(signal.SIGTERM) == 0


def calls_while_one_is_killed(serving: Serving, victim: int) -> tuple[list[str], int]:
    """The ids of the calls that were answered to CLIENTS clients, and how many calls were cut off."""
    body, answered, cut_off = VolcvMock().body(seed=-1), list[str](), list[httpx.HTTPError]()

    def client(_: int) -> None:
        with httpx.Client(trust_env=False, timeout=DEADLINE_S) as http:
            for _ in range(CALLS):
                try:
                    answered.append(http.post(serving.url + CALL, json=body, headers=KEY).headers["X-Volcv-Mock-Call"])
                except httpx.HTTPError as error:
                    cut_off.append(error)

    with ThreadPoolExecutor(CLIENTS) as pool:
        running = pool.map(client, range(CLIENTS))
        assert until(lambda: len(answered) > CLIENTS)
        os.kill(victim, signal.SIGKILL)
        list(running)
    return answered, len(cut_off)


def test_a_worker_that_begins_later_has_the_file_as_it_is_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the rules of the start it would take those back that the others reloaded; a port stays what it was."""
    file = tmp_path / "mock.toml"
    bound = Settings(port=1234)

    file.write_text('port = 1\nseed = 5\nlatency = "2s"\n[[faults]]\ncode = 50412\n', encoding="utf-8")
    found = _of_today(bound, file, lambda: from_sources({}, {}, file))
    file.write_text("port = 99999", encoding="utf-8")

    assert (found.port, found.seed, found.latency, len(found.faults)) == (1234, 0, "2s", 1)
    assert _of_today(bound, file, lambda: from_sources({}, {}, file)) is bound
    assert "(a new worker has the settings of the start)" in capsys.readouterr().err
    assert _of_today(bound, None, lambda: Settings(latency="2s")) is bound


HANG_UP = """
import signal
from volcv_mock.server.preforked import Preforked

def work(slot, ready):
    ready()
    signal.pause()

raise SystemExit(Preforked(2, work, lambda: print("ready", flush=True), print).run())
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """The parent of two workers that accept."""
    with subprocess.Popen([sys.executable, "-c", HANG_UP], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        yield running
        running.kill()  # if it has not ended, its workers end with it


def test_the_end_of_a_terminal_ends_workers_that_have_no_file_to_reload(parent: subprocess.Popen[str]) -> None:
    """SIGHUP would end each of them, and the parent would start others."""
    parent.send_signal(signal.SIGHUP)

    assert parent.wait(DEADLINE_S) == 0
    assert parent.stdout
    assert parent.stdout.read() == ""


def test_the_parent_reacts_on_after_a_signal_that_brings_no_news(parent: subprocess.Popen[str]) -> None:
    """Two workers that accept at the same time are read at once; the second one's signal has nothing to read."""
    parent.send_signal(signal.SIGUSR1)
    parent.send_signal(signal.SIGTERM)

    assert parent.wait(DEADLINE_S) == 0


def counted(serving: Serving) -> float:
    """The calls in the metrics, whichever worker answers."""
    lines = ask(serving, "/_mock/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("volcv_mock_calls_total{"))
