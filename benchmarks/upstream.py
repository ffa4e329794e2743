"""In front of an upstream: what `pass` adds to a call, holds in memory and does to waiting calls; replay; calibrate."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bodies
from benchmarks.load import Result, burst, closed_loop
from benchmarks.serving import Row, Target, call
from volcv_mock._util.loopback import open_directly

KEY = "sk-bench-0123456789"
SIDE = 512
LARGE_BYTES = 5_000_000
AT_ONCE = 8
TURNS, PAIRS = 3, 5
CROWD, STEPS = 1000, 40
DELAY_S = 3.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
AUTHORIZED = f"Authorization: Bearer {KEY}\r\n"


class Serve(Target):
    """`volcv-mock serve` with these options."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "volcv_mock.cli", "serve", "--port", "0", "--latency", "off", "--log", "off"]
        self.process = subprocess.Popen(
            [*command, "--api-key", KEY, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1]
        self.address = ("127.0.0.1", int(self.url.rpartition(":")[2]))

    def cpu_s(self) -> float:
        """CPU time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def forget_peak(self) -> None:
        """The peak of resident memory counts from now on."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_kb(self) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@contextmanager
def stand_in(delay_s: float) -> Iterator[str]:
    """The address of the service behind the mock."""
    command = [sys.executable, "-m", "benchmarks.upstream_target", str(delay_s), str(SIDE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


@contextmanager
def serving(*options: str) -> Iterator[Serve]:
    running = Serve(*options)
    try:
        yield running
    finally:
        running.stop()


def rows(quick: bool = False) -> Iterator[Row]:
    with stand_in(0.0) as url, serving("--upstream", url, "--mode", "pass") as front:
        yield added(front, AT_ONCE if quick else 400)
        yield memory(front, 20_000 if quick else LARGE_BYTES)
    with stand_in(0.1 if quick else DELAY_S) as url, serving("--upstream", url, "--mode", "pass") as front:
        yield crowd(front, 20 if quick else CROWD, 0.1 if quick else DELAY_S)
    yield replayed(0.1 if quick else 1.0)
    yield calibrating(quick)


def proxied(body: bytes, headers: str = AUTHORIZED) -> bytes:
    """A call of the proxy endpoint with a key that may leave."""
    return call(body, headers, "/volcv/v1")


def added(front: Serve, number: int) -> Row:
    """CPU time of the mock for a call that is passed on, by that of refusing the same body for a number in it."""
    document = bodies.document("i2i_inpainting", SIDE)
    here = f"{AUTHORIZED}X-Volcv-Mock: mode=mock\r\n"
    passed = [proxied(bodies.body(document, seed=seed)) for seed in range(number)]
    refused = [proxied(bodies.body(document, seed=seed, scale=99), here) for seed in range(number)]
    _cpu_each(front, passed[:AT_ONCE], 200)
    passed_s, refused_s = _cpu_each(front, passed, 200), _cpu_each(front, refused, 400)
    note = f"{passed_s * 1e3:.2f} and {refused_s * 1e3:.2f} ms, {SIDE} px"
    return Row("passed on / refused, CPU time of the mock", passed_s / refused_s, 1.5, note=note)


def _cpu_each(server: Serve, requests: list[bytes], status: int) -> float:
    began_s = server.cpu_s()
    for start in range(0, len(requests), AT_ONCE):
        batch = requests[start : start + AT_ONCE]
        found = burst(server.address, batch, 60).statuses
        assert found == {status: len(batch)}, found
    open_directly(f"{server.url}/_mock/calls?limit=1", 60).close()  # what the journal put off is done now
    return (server.cpu_s() - began_s) / len(requests)


def memory(front: Serve, size_bytes: int) -> Row:
    """The peak above idle with two pictures of 5 MB in each call, eight calls at a time."""
    document = {"req_key": "i2i_inpainting", "binary_data_base64": [_large(1, size_bytes), _large(2, size_bytes)]}
    requests = [proxied(bodies.body(document, seed=seed)) for seed in range(AT_ONCE)]
    burst(front.address, requests[:1], 60)
    time.sleep(0.5)
    idle_kb = front.resident_kb()
    front.forget_peak()
    for _ in range(TURNS):
        found = burst(front.address, requests, 120).statuses
        assert found == {200: AT_ONCE}, found
    grown_mb = (front.peak_kb() - idle_kb) * 1024 / 1e6
    note = f"idle {idle_kb * 1024 / 1e6:.0f} MB"
    return Row("eight calls of two 5 MB pictures: peak above idle", grown_mb, 64, "MB", note=note)


def _large(mark: int, size_bytes: int) -> str:
    """A JPEG of that size: a photo and, behind its end, bytes that do not compress."""
    picture = bodies.jpeg(bodies.photo(2048 if size_bytes == LARGE_BYTES else 64, mark))
    return base64.b64encode(picture + random.Random(mark).randbytes(size_bytes - len(picture))).decode()


def crowd(front: Serve, number: int, delay_s: float) -> Row:
    """Calls that begin one after another within the time that the upstream takes: in the end all of them wait."""
    document = bodies.document("i2i_inpainting", 64)
    requests = [proxied(bodies.body(document, seed=seed)) for seed in range(number)]
    burst(front.address, requests[:AT_ONCE], 60)
    steps = min(STEPS, number)
    before_s, own_s = front.cpu_s(), time.process_time()

    def later(step: int) -> Result:
        time.sleep(delay_s * step / steps)
        return burst(front.address, requests[step::steps], 60)

    with ThreadPoolExecutor(steps) as pool:
        results = list(pool.map(later, range(steps)))
    assert sum(result.statuses[200] for result in results) == number
    each_ms = [spent_s / number * 1e3 for spent_s in (front.cpu_s() - before_s, time.process_time() - own_s)]
    every = Result([latency for result in results for latency in result.latencies_s])
    median = every.percentile(0.5) / delay_s
    note = f"median {median:.2f} x; CPU time each: mock {each_ms[0]:.1f}, clients {each_ms[1]:.1f} ms"
    what = f"{number} passed on within {delay_s:g} s, {delay_s:g} s each: p99 / delay"
    return Row(what, every.percentile(0.99) / delay_s, 1.2, note=note)


def replayed(seconds: float) -> Row:
    """The rate of an answer from a recording, by that of a repeated request that the mock paints."""
    request = proxied(bodies.body(bodies.document("i2i_inpainting", SIDE)))
    with tempfile.TemporaryDirectory() as folder:
        with stand_in(0.0) as url, serving("--upstream", url, "--mode", "record", "--recordings", folder) as recorder:
            assert burst(recorder.address, [request], 60).statuses == {200: 1}
        with serving("--mode", "replay", "--recordings", folder) as replay, serving() as mock:
            _rates((replay, mock), request, seconds / PAIRS)  # the first answers are read and painted
            turns = [_rates((replay, mock), request, seconds) for _ in range(PAIRS)]
    rates = sorted(turns, key=lambda each: each[0] / each[1])[PAIRS // 2]
    note = f"{rates[0]:.0f} and {rates[1]:.0f} a second, {SIDE} px; the median of {PAIRS} turns"
    return Row("replayed / repeated request, rate", rates[0] / rates[1], 1, at_least=True, note=note)


def _rates(servers: tuple[Serve, Serve], request: bytes, seconds: float) -> list[float]:
    """One after another, so that a slow second of the machine meets both."""
    return [closed_loop(server.address, request, AT_ONCE, seconds).rate for server in servers]


def calibrating(quick: bool) -> Row:
    """Every probe that costs nothing, at a server of its own."""
    from contract_tests.calibration.measure import Calibrator
    from contract_tests.calibration.points import points
    from contract_tests.targets import open_target

    free = [name for name, point in points().items() if not point.cost]
    target = open_target("server")
    began_at = time.perf_counter()
    found = Calibrator(target).run(free[:3] if quick else free)
    spent_s = time.perf_counter() - began_at
    target.close()
    return Row("all free probes of calibrate", spent_s, 20, "s", note=f"{len(found.entries)} points told")
