"""A common state and several workers, beside one process with its state in memory: CPU time, latency, throughput.

Needs redis-server. CPU time is that of the processes of the mock by /proc; Redis and the load are not in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.load import Result, burst, closed_loop
from benchmarks.serving import CROWD, DELAY_S, SERVE, Row, call, removal

REFUSALS = (15, 0.5)
"""Turns, and the seconds of each. The ratio of a single turn differs by a tenth, however long it is: the speed of the
machine changes meanwhile. So many short ones are more exact than a few long ones."""
EDITS = (36, 1.0)
"""An edit takes twenty times as long as a refusal."""
CROWDED_EDITS = (5, 4.0)
"""Those of two workers, whose requests wait for each other."""
QUICK = (1, 0.2)
"""Only shows that everything runs."""
Turns = tuple[int, float]
Facts = tuple[float, float, float]
"""CPU seconds per call, p50 in seconds, calls per second."""
SMALL = 64
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Mock:
    """`serve` with some options, and what it used so far."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen([*SERVE, "--log", "off", *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.address = ("127.0.0.1", int(self.process.stdout.readline().rpartition(":")[2]))

    def cpu_s(self) -> float:
        """CPU seconds of the process and its workers."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
        return sum(map(_cpu_s, [str(own), *children]))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def _cpu_s(process: str) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The state URL of a Redis of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", "0", "--unixsocket", f"{folder}/s", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not Path(folder, "s").exists():
            time.sleep(0.01)
        try:
            yield f"unix://{folder}/s"
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def mocks(*options: tuple[str, ...]) -> Iterator[list[Mock]]:
    running = [Mock(*each) for each in options]
    try:
        yield running
    finally:
        for each in running:
            each.stop()


def rows(quick: bool = False) -> Iterator[Row]:
    """Without redis-server, or not on Linux, nothing."""
    if not shutil.which("redis-server") or sys.platform != "linux":
        print("shared_state: not measured, it needs redis-server on Linux", file=sys.stderr)
        return
    with redis() as url:
        yield from _beside_memory(f"{url}?name=one", *([QUICK, QUICK] if quick else [REFUSALS, EDITS]))
    with redis() as url:
        yield from _workers(f"{url}?name=two", QUICK if quick else CROWDED_EDITS)
    if not quick:
        with redis() as url:
            yield from _crowds(f"{url}?name=three")


def _beside_memory(url: str, refusal_turns: Turns, edit_turns: Turns) -> Iterator[Row]:
    memo = ("--memo-bytes", "0")
    with mocks(memo, (*memo, "--state", url)) as (memory, shared):
        refusals = _in_turns(memory, shared, call(b"{}"), 1, refusal_turns)
        edits = _in_turns(memory, shared, call(removal(512)), 1, edit_turns)
    yield _cpu_row("refusal: state in Redis / in memory, CPU time of the server", refusals, 1.6)
    yield _cpu_row("unique 512 px removal: state in Redis / in memory, CPU time", edits, 1.05)
    added_ms = statistics.median((other[1] - one[1]) * 1000 for one, other in refusals)
    yield Row("refusal: p50 added by Redis", added_ms, 1.0, "ms")


def _workers(url: str, turns: Turns) -> Iterator[Row]:
    """Unique edits: memos that hold nothing, on six connections."""
    memo = ("--memo-bytes", "0")
    with mocks(memo, (*memo, "--workers", "2", "--state", url)) as (one, two):
        found = _in_turns(one, two, call(removal(512)), 6, turns)
    rates = [other[2] / alone[2] for alone, other in found]
    note = f"{found[0][0][2]:.0f} and {found[0][1][2]:.0f} a second; {min(rates):.2f} to {max(rates):.2f}"
    yield Row("unique 512 px removals: two workers / one process, rate", statistics.median(rates), 1.25, "x",
              at_least=True, note=note)  # fmt: skip
    yield _cpu_row("unique 512 px removal: two workers / one process, CPU time", found, 1.1)


def _in_turns(one: Mock, other: Mock, request: bytes, connections: int, turns: Turns) -> list[tuple[Facts, Facts]]:
    """What each turn found of both; who goes first changes from turn to turn."""
    number, seconds = turns
    found = []
    for index in range(number):
        in_order = [one, other] if index % 2 == 0 else [other, one]
        facts = {mock: _turn(mock, request, connections, seconds) for mock in in_order}
        found.append((facts[one], facts[other]))
    return found


def _turn(mock: Mock, request: bytes, connections: int, seconds: float) -> Facts:
    before_s = mock.cpu_s()
    result = closed_loop(mock.address, request, connections, seconds)
    assert not result.errors, result
    return (mock.cpu_s() - before_s) / len(result.latencies_s), result.percentile(0.5), result.rate


def _cpu_row(what: str, found: list[tuple[Facts, Facts]], bound: float) -> Row:
    ratios = [other[0] / one[0] for one, other in found]
    one_us, other_us = (min(each[index][0] for each in found) * 1e6 for index in (0, 1))
    note = f"{one_us:.0f} and {other_us:.0f} us; {min(ratios):.2f} to {max(ratios):.2f} in {len(found)} turns"
    return Row(what, statistics.median(ratios), bound, note=note)


def _crowds(url: str) -> Iterator[Row]:
    """Many successes at once: one small body, which the memo has after the first."""
    request = call(removal(SMALL), f"X-Volcv-Mock: delay={DELAY_S:g}s\r\n")
    for what, options, bound in (("one process", (), 1.45), ("two workers", ("--workers", "2", "--state", url), 1.3)):
        with mocks(options) as (mock,):
            closed_loop(mock.address, request.replace(b"delay=3s", b"delay=0s"), 4, 1.0)
            began_s, before_s = time.process_time(), mock.cpu_s()
            result: Result = burst(mock.address, [request] * CROWD, DELAY_S * 5)
            load_s, spent_s = time.process_time() - began_s, mock.cpu_s() - before_s
        note = f"CPU: server {spent_s:.1f} s, load {load_s:.1f} s; {dict(result.statuses)}"
        late = result.percentile(0.99) / DELAY_S
        row = Row(f"{CROWD} successes at once, {what}: p99 / delay", late, bound, note=note)
        yield row
        yield replace(row, what=f"{CROWD} successes at once, {what}: errors", value=result.errors, bound=0, unit="")
