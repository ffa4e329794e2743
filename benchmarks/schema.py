"""The schema step does not see how large the pictures are. CPU time of one thread, in pairs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from benchmarks.serving import Row
from volcv_mock import contract

SIZES_MB = (0.1, 1.0, 7.0)
TURNS = 300


def rows(quick: bool = False) -> Iterator[Row]:
    turns = TURNS // 10 if quick else TURNS
    requests = [_request(size) for size in SIZES_MB]
    spent = [[_cpu_s(request) for request in requests] for _ in range(turns)]
    small_s, *_, large_s = (statistics.median(column) for column in zip(*spent, strict=True))
    note = f"{large_s * 1000:.3f} and {small_s * 1000:.3f} ms"
    yield Row(f"schema step, {SIZES_MB[-1]:g} MB / {SIZES_MB[0]:g} MB", large_s / small_s, 2, note=note)


def _request(size_mb: float) -> dict[str, object]:
    mask, picture = "A" * 1000, "A" * int(size_mb * 1_000_000)
    return {"req_key": "i2i_inpainting", "binary_data_base64": [picture, mask], "seed": 7, "steps": 20}


def _cpu_s(request: dict[str, object]) -> float:
    began_at = time.process_time()
    contract.check("i2i_inpainting", "base64", request, "default")
    return time.process_time() - began_at
