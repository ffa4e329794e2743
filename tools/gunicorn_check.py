"""Check that two workers of gunicorn with a common state are one mock: python -m tools.gunicorn_check

Needs gunicorn (`pip install --group gunicorn`) and redis-server. The suite does not run it: it takes seconds to start.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from volcv_mock import VolcvMock

APP = """
from volcv_mock import VolcvMock

app = VolcvMock(state="unix://{folder}/s").app
"""
CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
CLIENTS, CALLS, REFUSED = 6, 10, 7
START_S = 20.0


def main() -> int:
    """0 when every number is as it would be in one process."""
    if not shutil.which("redis-server"):
        print("gunicorn: not checked, redis-server is missing", file=sys.stderr)
        return 0
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mocked.py").write_text(APP.format(folder=folder), encoding="utf-8")
        redis = ["redis-server", "--port", "0", "--unixsocket", f"{folder}/s", "--save", "", "--dir", folder]
        options = ["-k", "gevent", "-w", "2", "--timeout", "0", "-b", f"127.0.0.1:{port}", "--chdir", folder]
        started = [subprocess.Popen(redis, stdout=subprocess.DEVNULL)]
        try:
            _wait_for(Path(folder, "s").exists)
            started.append(subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "mocked:app"]))
            _wait_for(lambda: _accepts(port))
            problems = check(f"http://127.0.0.1:{port}")
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()
    print("\n".join(problems) or "gunicorn: two workers with one state are one mock")
    return 1 if problems else 0


def check(url: str) -> list[str]:
    """What differs from one process."""
    body = VolcvMock().body(seed=-1)

    def client(_: int) -> list[int]:
        with _opened(url) as http:
            return [http.post(CALL, json=body).json()["code"] for _ in range(CALLS)]

    with _opened(url) as http:
        http.post("/_mock/faults", json={"code": 50411, "times": REFUSED}).raise_for_status()
        with ThreadPoolExecutor(CLIENTS) as pool:
            codes = [code for found in pool.map(client, range(CLIENTS)) for code in found]
        calls = http.get("/_mock/calls?limit=1000").json()["calls"]
        warnings = http.get("/_mock/health").json()["warnings"]
    total = CLIENTS * CALLS
    facts = {
        "refused calls": (codes.count(50411), REFUSED),
        "answered calls": (codes.count(10000), total - REFUSED),
        "numbers in the journal": (sorted(call["number"] for call in calls), list(range(1, total + 1))),
        "ids": (len({call["id"] for call in calls}), total),
        "warnings": (warnings, []),
    }
    return [f"gunicorn: {what}: {found}; wanted {wanted}" for what, (found, wanted) in facts.items() if found != wanted]


def _opened(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": "Bearer sk-a"}, timeout=30, trust_env=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(what: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + START_S
    while not what() and time.monotonic() < give_up_at:
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
