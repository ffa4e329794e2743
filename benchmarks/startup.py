"""Starting up, as a multiple of importing what it stands on. Wall time in pairs, medians.

Bytecode is cached, as in an installed wheel: the commands share a cache of their own, whatever
PYTHONDONTWRITEBYTECODE says, and a first turn that fills it is not counted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.serving import Row
from volcv_mock._util.loopback import open_directly

TURNS = 15
BASE = "import flask, gevent.pywsgi"
ROOT = Path(__file__).resolve().parent.parent


def rows(quick: bool = False) -> Iterator[Row]:
    turns, warm_up = (1, 0) if quick else (TURNS, 1)
    with tempfile.TemporaryDirectory() as cache:
        cached = {} if quick else {"PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
        environ = os.environ | cached | {"PYTHONPATH": str(ROOT)}
        yield _row("--help / python -c pass", lambda: _run(environ, "-m", "volcv_mock.cli", "--help"),
                   lambda: _run(environ, "-c", "pass"), 5, turns, warm_up)  # fmt: skip
        yield _row("serve to first answer / import flask, gevent.pywsgi", lambda: _serve(environ),
                   lambda: _run(environ, "-c", BASE), 1.2, turns, warm_up)  # fmt: skip


def _row(what: str, ours: Callable[[], None], base: Callable[[], None], bound: float, turns: int, warm_up: int) -> Row:
    spent = [(_seconds(ours), _seconds(base)) for _ in range(turns + warm_up)][warm_up:]
    ours_s, base_s = (statistics.median(column) for column in zip(*spent, strict=True))
    ratio = statistics.median(one / other for one, other in spent)
    return Row(what, ratio, bound, note=f"{ours_s * 1000:.0f} and {base_s * 1000:.0f} ms")


def _seconds(work: Callable[[], None]) -> float:
    began_at = time.perf_counter()
    work()
    return time.perf_counter() - began_at


def _run(environ: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], env=environ, stdout=subprocess.DEVNULL, check=True, timeout=60)


def _serve(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "volcv_mock.cli", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        open_directly(f"{url}/_mock/health", 30).close()
    finally:
        process.kill()
        process.communicate()
