"""What the memos are for: the same deterministic request again, against requests that all differ."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from itertools import count

from benchmarks import bodies
from benchmarks.load import Address, burst, closed_loop
from benchmarks.serving import Row, call, target

SIDE = 1024
TURNS = 5
COLD = 40
AT_ONCE = 8
SECONDS = 1.5


def rows(quick: bool = False) -> Iterator[Row]:
    side, turns, cold, seconds = (128, 1, 4, 0.2) if quick else (SIDE, TURNS, COLD, SECONDS)
    document, seeds = bodies.document("i2i_inpainting", side), count(1)
    rates = []
    with target() as server:
        for _ in range(turns):
            fresh = [call(bodies.body(document, seed=next(seeds))) for _ in range(cold)]
            rates.append((_warm_rate(server.address, fresh[-1], seconds), _cold_rate(server.address, fresh[:-1])))
    warm, slow = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(one / other for one, other in rates)
    note = f"{warm:.0f} and {slow:.0f} a second, {side} px"
    yield Row("repeated request: rate / cold rate", ratio, 15, at_least=True, note=note)


def _cold_rate(address: Address, requests: list[bytes]) -> float:
    batches = [requests[start : start + AT_ONCE] for start in range(0, len(requests), AT_ONCE)]
    wall_s = sum(_sound(address, batch) for batch in batches)
    return len(requests) / wall_s


def _sound(address: Address, batch: list[bytes]) -> float:
    result = burst(address, batch, 60)
    assert result.statuses == {200: len(batch)}, result.statuses
    return result.wall_s


def _warm_rate(address: Address, request: bytes, seconds: float) -> float:
    _sound(address, [request])
    result = closed_loop(address, request, AT_ONCE, seconds)
    assert set(result.statuses) == {200}, result.statuses  # failures are quick, too
    assert not result.errors
    return result.rate
