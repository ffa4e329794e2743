"""One request in a process of its own: its body is read from standard input, its cost is printed.

python -m benchmarks.hostile_target < body    prints: status, MB above the body at the peak, CPU seconds
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from volcv_mock import VolcvMock, service
from volcv_mock.model import RawRequest
from volcv_mock.world import World

HEADERS = (("Host", "mock"), ("Authorization", "Bearer sk-test"), ("Content-Type", "application/json"))

WARM_UP = ("i2i_inpainting", "i2i_inpainting_edit", "i2i_outpainting", "byteedit_v2.0")
"""A small request of each comes before: what a process imports with its first ones is not the body's."""


def ask(world: World, body: bytes) -> int:
    """The status of the answer."""
    query = "Action=CVProcess&Version=2022-08-31"
    return service.answer_blocking(RawRequest("proxy", "POST", "/volcv/v1", query, HEADERS, body), world).status


def peak_mb() -> float:
    """The most memory that this process had so far (Linux: of this process alone, whatever started it)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def main() -> None:
    """Answer the body once."""
    world, body, mock = World(), sys.stdin.buffer.read(), VolcvMock()
    for req_key in WARM_UP:
        assert ask(world, json.dumps(mock.body(req_key)).encode()) == 200
    idle_mb, began_s = peak_mb(), time.process_time()
    status = ask(world, body)
    print(status, peak_mb() - idle_mb, time.process_time() - began_s)


if __name__ == "__main__":
    main()
