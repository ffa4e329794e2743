"""A soak: thousands of requests with pictures, of every operation; what the process holds in the end.

Idle is measured after one picture per operation. No two requests are equal, so no memo saves the work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from benchmarks import bodies
from benchmarks.load import burst
from benchmarks.serving import Row, Target, call, target
from volcv_mock import contract
from volcv_mock.config import Settings

REQUESTS = 20_000
AT_ONCE = 50
SIDE = 256
FIRST_SEED = 7_000_000
SLACK_BYTES = 30_000_000
SETTLED_S = 0.5
"""Idle workers give memory back after a tenth of a second (server/memory_tuning.py)."""


def rows(quick: bool = False) -> Iterator[Row]:
    number, side = (10, 64) if quick else (REQUESTS, SIDE)
    bound_mb = (Settings().journal_bytes + SLACK_BYTES) / 1e6
    with target() as server:
        idle_mb = idle(server, quick)
        errors = sum(send(server, batch) for batch in _batches(number, side))
        time.sleep(SETTLED_S)
        grown_mb = resident_mb(server) - idle_mb
    yield Row(f"soak of {number} requests with pictures: errors", errors, 0, "")
    yield Row("soak: held in the end above idle", grown_mb, bound_mb, "MB", note=f"idle {idle_mb:.0f} MB")


def idle(server: Target, quick: bool = False) -> float:
    """Megabytes after one picture per operation; a quick turn has a few operations."""
    side, req_keys = (64, list(contract.operations())[:5]) if quick else (SIDE, list(contract.operations()))
    send(server, [call(bodies.body(bodies.document(req_key, side))) for req_key in req_keys])
    return resident_mb(server)


def send(server: Target, requests: Sequence[bytes], at_once: int = AT_ONCE) -> int:
    """Send all, a few at a time; how many did not get a 200."""
    wrong = 0
    for start in range(0, len(requests), at_once):
        batch = requests[start : start + at_once]
        wrong += len(batch) - burst(server.address, batch, 60).statuses[200]
    return wrong


def resident_mb(server: Target) -> float:
    return server.resident_kb() * 1024 / 1e6


def _batches(number: int, side: int) -> Iterator[list[bytes]]:
    """Requests that all differ by their seed, made as they are sent."""
    plain = [bodies.body(bodies.document(req_key, side), seed=FIRST_SEED) for req_key in contract.operations()]
    for start in range(0, number, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, number))
        yield [
            call(plain[each % len(plain)].replace(b"%d" % FIRST_SEED, b"%d" % (FIRST_SEED + each))) for each in numbers
        ]
