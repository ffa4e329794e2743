"""Run the contract suite against two workers that share their state: python -m tools.contract_over_workers [pytest ...]

Two clients at once, each with a connection of its own for every request, so that either worker may answer it.
Says so and ends with 0 where redis-server is missing.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

SERVE = [sys.executable, "-m", "volcv_mock.cli", "serve", "--port", "0", "--workers", "2", "--log", "off",
         "--no-triggers"]  # fmt: skip
SUITE = [sys.executable, "-m", "pytest", "contract_tests", "--target", "server", "-p", "tools.contract_over_workers",
         "-n", "2", "--dist", "worksteal", "-q"]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def a_connection_for_each_request(request: pytest.FixtureRequest) -> None:
    """Of the suite, which loads this file as a plugin: the kernel gives each new connection to one of the workers."""
    request.getfixturevalue("target").client.headers["Connection"] = "close"


def main(arguments: Sequence[str]) -> int:
    """The exit status of the suite."""
    if not shutil.which("redis-server"):
        print("contract suite over two workers: not run, redis-server is missing", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        command = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]
        redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not Path(path).exists() and redis.poll() is None:
                time.sleep(0.01)
            return _suite(f"unix://{path}", arguments)
        finally:
            redis.terminate()
            redis.wait()


def _suite(state: str, arguments: Sequence[str]) -> int:
    mock = subprocess.Popen([*SERVE, "--state", state], stdout=subprocess.PIPE, text=True)
    assert mock.stdout
    url = mock.stdout.readline().split()[-1]
    try:
        return subprocess.run([*SUITE, "--base-url", url, *arguments]).returncode
    finally:
        mock.send_signal(signal.SIGTERM)
        mock.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
