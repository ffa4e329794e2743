"""The container's health check: healthy while the mock serves, whatever proxy the host passes into the container."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import DEADLINE_S, environment
from tools.containerfile_check import instructions
from volcv_mock import VolcvMock

FILE = Path(__file__).resolve().parents[2] / "Containerfile"


@pytest.fixture
def health_check() -> list[str]:
    """The program that the HEALTHCHECK line names, with this interpreter."""
    line = dict(instructions(FILE.read_text(encoding="utf-8")))["HEALTHCHECK"]
    name, *arguments = json.loads(line.partition(" CMD ")[2])
    assert name == "python"
    return [sys.executable, *arguments]


def status(health_check: list[str], port: int) -> int:
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    variables = environment(VOLCV_MOCK_PORT=str(port), NO_PROXY="", no_proxy="", **proxies)
    return subprocess.run(health_check, env=variables, capture_output=True, timeout=DEADLINE_S, check=False).returncode


def test_a_serving_mock_is_healthy_also_behind_a_proxy(health_check: list[str]) -> None:
    with VolcvMock().serve() as server:
        port = int(server.base_url.rpartition(":")[2])

        assert status(health_check, port) == 0


def test_a_port_that_nobody_listens_on_is_not_healthy(health_check: list[str]) -> None:
    assert status(health_check, 9) != 0
