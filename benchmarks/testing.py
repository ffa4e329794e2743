"""The test kit, as multiples of what a test suite pays anyway: python -m benchmarks.testing

The floor of a call is respx handing it to a Flask app that parses the body and answers. Both sides are
measured in turns inside one process, on CPU time of this thread where nothing waits.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import flask
import httpx
import respx

from benchmarks.serving import Row, children_cpu_s
from volcv_mock import VolcvMock

BASE = "https://api.example.com"
URL = f"{BASE}/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-benchmark"}
REFUSED = {"X-Volcv-Mock": "code=50411"}
ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15
TURNS, CALLS = 60, 20
"""The ratio of one turn is off by a tenth and more: the speed of the machine changes between its sides."""
COLLECTS = 15


def rows(quick: bool = False) -> Iterator[Row]:
    yield from in_process(*((2, 3) if quick else (TURNS, CALLS)))
    yield from serving(2 if quick else ROUNDS)
    yield from suites(1 if quick else COLLECTS, warm_up=not quick)


def in_process(rounds: int, calls: int) -> Iterator[Row]:
    """A refusal, an edit and a reset beside the floor, in turns."""
    mock, seeds = VolcvMock(seed=7), count(1)
    removal, edit = mock.body(), mock.body("i2i_inpainting_edit")
    spent: dict[str, list[float]] = {"floor": [], "refusal": [], "edit": [], "reset": []}
    with httpx.Client(headers=KEY) as client:
        for _ in range(rounds + 1):
            with bare():
                spent["floor"].append(_cpu_s(calls, lambda: client.post(URL, json=removal)))
            with mock.intercept(BASE):
                spent["refusal"].append(_cpu_s(calls, lambda: client.post(URL, json=removal, headers=REFUSED)))
                assert mock.calls.last.code == 50411
                spent["edit"].append(_cpu_s(calls, lambda: client.post(URL, json=edit | {"seed": next(seeds)})))
                assert mock.calls.last.code == 10000
                spent["reset"].append(_reset_s(calls, mock, lambda: client.post(URL, json=removal)))
    yield _row("intercepted refusal / respx + Flask", spent["refusal"], spent["floor"], 3)
    yield _row("intercepted 64 px edit / respx + Flask", spent["edit"], spent["floor"], 7)
    yield _row("reset() after a call / intercepted refusal", spent["reset"], spent["refusal"], 0.25)


def _reset_s(calls: int, mock: VolcvMock, call: Callable[[], Any]) -> float:
    """Each reset has a rule and a call to remove."""
    spent = 0.0
    for _ in range(calls):
        mock.delay(0.1)
        call()
        spent += _cpu_s(1, mock.reset)
    return spent / calls


def bare() -> respx.MockRouter:
    """respx and Flask, as a hand-written stand-in would use them."""
    app = flask.Flask("bare")

    @app.post("/volcv/v1")
    def answer() -> Any:
        flask.request.get_json()
        return {"code": 50411, "data": None, "message": "Pre Img Risk Not Pass"}, 400

    router = respx.mock(assert_all_called=False)
    router.post(url__startswith=BASE).mock(side_effect=respx.WSGIHandler(app))
    return router


def serving(rounds: int) -> Iterator[Row]:
    """After imports: the thread, the socket, the loop; then their end."""
    starts, stops = [], []
    for _ in range(rounds + 1):
        server = VolcvMock().serve()
        server.mock.app  # noqa: B018  is built once, whatever serves it
        starts.append(_wall_s(server.start))
        stops.append(_wall_s(server.stop))
    yield Row("serve(): start", statistics.median(starts[1:]) * 1000, 10, "ms")
    yield Row("serve(): stop", statistics.median(stops[1:]) * 1000, 20, "ms")


def suites(rounds: int, *, warm_up: bool) -> Iterator[Row]:
    """What the plugin costs a suite that does not use it, and the example's own suite."""
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as empty:
        cached = {"PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""} if warm_up else {}
        environ = os.environ | cached | {"PYTHONPATH": str(ROOT)}
        collect = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
        pairs = [
            (_run_s(environ, empty, *collect), _run_s(environ, empty, *collect, "-p", "no:volcv_mock"))
            for _ in range(rounds + warm_up)
        ][-rounds:]
        ours, floor = map(list, zip(*pairs, strict=True))
        yield _row("pytest --collect-only with / without the plugin", ours, floor, 1.05, skip=0)
        if not warm_up:
            return  # tests/docs runs this suite
        example, suite = str(ROOT / "examples" / "photo_app"), ("-m", "pytest", "-q", "-p", "no:cacheprovider")
        runs = [
            (_run_s(environ, example, *suite), _run_s(environ, empty, *collect, "-p", "no:volcv_mock"))
            for _ in range(min(5, rounds) + 1)
        ]
        whole, start = map(list, zip(*runs, strict=True))
        yield _row("the example app's suite / pytest without tests", whole, start, 2.5)


def _row(what: str, ours: list[float], floor: list[float], bound: float, skip: int = 1) -> Row:
    """The median of the ratios, pair by pair; the first round fills caches."""
    pairs = list(zip(ours, floor, strict=True))[skip:]
    note = " and ".join(f"{statistics.median(column) * 1000:.2f} ms" for column in zip(*pairs, strict=True))
    return Row(what, statistics.median(one / other for one, other in pairs), bound, note=note)


def _cpu_s(calls: int, work: Callable[[], Any]) -> float:
    began_at = time.thread_time()
    for _ in range(calls):
        work()
    return (time.thread_time() - began_at) / calls


def _wall_s(work: Callable[[], Any]) -> float:
    began_at = time.perf_counter()
    work()
    return time.perf_counter() - began_at


def _run_s(environ: dict[str, str], cwd: str, *arguments: str) -> float:
    """The CPU time of a run: other programs change its duration more than what is compared."""
    command = [sys.executable, *arguments]
    return children_cpu_s(
        lambda: subprocess.run(command, cwd=cwd, env=environ, capture_output=True, check=False, timeout=120)
    )


if __name__ == "__main__":
    missed = 0
    for row in rows("--quick" in sys.argv):
        print(row, flush=True)
        missed += not row.is_good
    sys.exit(bool(missed))
