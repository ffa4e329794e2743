"""A soak: many requests with pictures, and what the process holds in the end. python -m benchmarks.serving_soak [N]

Idle means after one request of each picture; the bound is idle, the journal's budget and 30 MB.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.load import Result, burst
from benchmarks.serving import Row, Target, call, removal, target
from volcv_mock.config import Settings

REQUESTS = 20_000
AT_ONCE = 50
SIDES = (64, 96, 128, 160, 256)
SLACK_KB = 30_000


def soak(number: int) -> Iterator[Row]:
    settings = Settings()
    budget_kb = (settings.journal_bytes + settings.pictures_bytes + settings.memo_bytes) // 1000
    with target() as server:
        _send(server, [call(removal(side)) for side in SIDES])
        idle_kb = server.resident_kb()
        errors = sum(_send(server, batch).errors for batch in _batches(number))
        grown_kb = server.resident_kb() - idle_kb
    yield Row(f"{number} requests with pictures: errors", errors, 0, "")
    yield Row("held in the end above idle", grown_kb / 1000, (budget_kb + SLACK_KB) / 1000, "MB")


def _batches(number: int) -> Iterator[list[bytes]]:
    """Requests that all differ by their seed, so that no memo saves the work."""
    bodies = [removal(side, seed=7_000_000) for side in SIDES]
    for start in range(0, number, AT_ONCE):
        seeds = range(start, min(start + AT_ONCE, number))
        yield [call(bodies[seed % len(SIDES)].replace(b"7000000", b"%d" % (7_000_000 + seed))) for seed in seeds]


def _send(server: Target, requests: list[bytes]) -> Result:
    return burst(server.address, requests, 60)


if __name__ == "__main__":
    for row in soak(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS):
        print(row, flush=True)
