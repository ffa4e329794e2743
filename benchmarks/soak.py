"""A soak: thousands of requests with pictures, of every operation; what the process holds in the end.

Idle is measured after one picture per operation. The requests are a small set, sent again and again, and
half of them ask for a URL: with requests that all differ the memos fill too, which serving_soak.py measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from benchmarks import bodies
from benchmarks.load import burst
from benchmarks.serving import Row, Target, call, target
from volcv_mock import contract
from volcv_mock.config import Settings

REQUESTS = 20_000
AT_ONCE = 50
SIDE = 256
SEEDS = 4
SLACK_BYTES = 30_000_000


def rows(quick: bool = False) -> Iterator[Row]:
    number, side = (100, 64) if quick else (REQUESTS, SIDE)
    requests = [call(each) for each in _bodies(side)]
    bound_mb = (Settings().journal_bytes + SLACK_BYTES) / 1e6
    with target() as server:
        idle_mb = idle(server)
        errors = send(server, list(islice(cycle(requests), number)))
        grown_mb = resident_mb(server) - idle_mb
    yield Row(f"soak of {number} requests with pictures: errors", errors, 0, "")
    yield Row("soak: held in the end above idle", grown_mb, bound_mb, "MB", note=f"idle {idle_mb:.0f} MB")


def idle(server: Target, side: int = SIDE) -> float:
    """Megabytes after one picture per operation."""
    send(server, [call(bodies.body(bodies.document(req_key, side))) for req_key in contract.operations()])
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


def _bodies(side: int) -> Iterator[bytes]:
    for req_key in contract.operations():
        document = bodies.document(req_key, side)
        for seed in range(SEEDS):
            yield bodies.body(document, seed=seed, return_url=bool(seed % 2))
