"""Starting up, as a multiple of importing what it stands on, and what a contract folder adds. In pairs, medians.

Bytecode is cached, as in an installed wheel: the commands share a cache of their own, whatever
PYTHONDONTWRITEBYTECODE says, and a first turn that fills it is not counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.serving import Row, children_cpu_s
from volcv_mock._util.loopback import open_directly
from volcv_mock._util.paths import shelf
from volcv_mock.contract.documents import document

TURNS = 15
BASE = "import flask, gevent.pywsgi"
OWN_KEYS = 20
COPIED = ("jimeng_i2i_v30", "jimeng_t2i_v40", "seededit_v3.0", "jimeng_t2i_v31", "i2i_outpainting")
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
        folder = Path(cache, "own")
        write_folder(folder)
        yield _added(environ, folder, turns, warm_up)


def _added(environ: dict[str, str], folder: Path, turns: int, warm_up: int) -> Row:
    """CPU time of the process that serves, with and without the folder."""
    with_folder, without = partial(_serve, environ, "--contract", str(folder)), partial(_serve, environ)
    pairs = [(children_cpu_s(with_folder), children_cpu_s(without)) for _ in range(turns + warm_up)][warm_up:]
    added_ms = 1000 * statistics.median(one - other for one, other in pairs)
    plain_ms = 1000 * statistics.median(other for _, other in pairs)
    return Row(f"a contract folder of {OWN_KEYS} req_keys, beside the start without one", added_ms, 50, "ms",
               note=f"CPU time; the start takes {plain_ms:.0f} ms")  # fmt: skip


def write_folder(folder: Path) -> None:
    """A folder for --contract: copies of shipped req_keys under names of their own."""
    rows = {row["req_key"]: row for row in document("catalog.json")["operations"]}
    own = {f"own_{number}": COPIED[number % len(COPIED)] for number in range(OWN_KEYS)}
    for kind in ("requests", "responses"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name, copied in own.items():
            text = (shelf("schemas") / kind / f"{copied}.schema.json").read_text(encoding="utf-8")
            text = text.replace(f'"const": "{copied}"', f'"const": "{name}"')
            (folder / kind / f"{name}.schema.json").write_text(text, encoding="utf-8")
    kept = ("painter", "prompt_field")
    catalog = [{"req_key": name, **{key: rows[copied][key] for key in kept}} for name, copied in own.items()]
    (folder / "catalog.json").write_text(json.dumps({"operations": catalog}), encoding="utf-8")


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


def _serve(environ: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "volcv_mock.cli", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        open_directly(f"{url}/_mock/health", 30).close()
    finally:
        process.kill()
        process.communicate()
