"""A process that answers one kind of call again and again, by the code that PYTHONPATH names.

python benchmarks/seam_target.py KIND ROUNDS CALLS, prints the CPU seconds per call of the best round. It imports
nothing of benchmarks/, which the earlier commit has too.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle

from PIL import Image

from volcv_mock.config import Settings
from volcv_mock.model import RawRequest
from volcv_mock.server.memory_tuning import keep_for_now
from volcv_mock.service import answer_blocking
from volcv_mock.world import World

try:
    from volcv_mock.delivery import Delivered
except ImportError:  # the earlier commit
    from volcv_mock.model import Delivered

SIDE = 512
HEADERS = (("Host", "bench"), ("Content-Type", "application/json"), ("Authorization", "Bearer sk-bench"))
QUERY = "Action=CVProcess&Version=2022-08-31"


def encoded(image: Image.Image, form: str) -> str:
    sink = io.BytesIO()
    image.save(sink, form)
    return base64.b64encode(sink.getvalue()).decode()


def removal(mark: int) -> bytes:
    """A removal of SIDE pixels; another mark is another picture."""
    picture = Image.radial_gradient("L").resize((SIDE, SIDE)).convert("RGB")
    picture.paste((mark % 256, 40, 90), (0, 0, 64, 64))
    mask = Image.new("L", (SIDE, SIDE))
    mask.paste(255, (160, 160, 300, 300))
    pictures = [encoded(picture, "JPEG"), encoded(mask, "PNG")]
    return json.dumps({"req_key": "i2i_inpainting", "binary_data_base64": pictures}).encode()


KINDS: dict[str, Callable[[], list[bytes]]] = {
    "refusal": lambda: [b"{}"],
    "repeated removal": lambda: [removal(0)],
    "new removal": lambda: [removal(mark) for mark in range(64)],
}
"""Bodies by kind; the memos of the world for new ones hold nothing."""


def measure(kind: str, rounds: int, calls: int) -> float:
    """CPU seconds per call of the best round, after a first one that fills caches."""
    keep_for_now()  # as volcv-mock serve does: else it is chance which of the two has new pages for each picture
    world = World(Settings(memo_bytes=0 if kind == "new removal" else 16_000_000))
    bodies: Iterator[bytes] = cycle(KINDS[kind]())

    def call() -> None:
        raw = RawRequest("proxy", "POST", "/volcv/v1", QUERY, HEADERS, next(bodies), route="/volcv/v1",
                         arrived=world.arrived(HEADERS))  # fmt: skip
        world.delivered(answer_blocking(raw, world), Delivered(0.0, "read_all", 500))

    return min(_cpu_s(call, calls) for _ in range(rounds + 1))


def _cpu_s(work: Callable[[], None], calls: int) -> float:
    began_at = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - began_at) / calls


if __name__ == "__main__":
    print(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
