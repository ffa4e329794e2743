"""Bodies of the largest size that are made to cost: CPU time, and memory above the body, of one request."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

from benchmarks.serving import Row
from volcv_mock import contract, service
from volcv_mock.model import RawRequest
from volcv_mock.world import World

CPU_BOUND_S, MEMORY_BOUND_MB = 2.0, 200.0
HEAD = b'{"req_key":"i2i_inpainting",'
ASTRAL = "\U0001f600".encode()
"""With one such character, text takes four bytes for each of its characters."""

KINDS: dict[str, tuple[bytes, bytes, bytes]] = {
    "small lists": (HEAD + b'"x":[', b"[0],", b"0]}"),
    "objects with duplicate keys": (HEAD + b'"x":[', b'{"":0,"":1},', b"0]}"),
    "short texts": (HEAD + b'"x":[', b'"ab",', b"0]}"),
    "many pictures": (HEAD + b'"binary_data_base64":[', b'"",', b'""]}'),
    "nesting": (HEAD + b'"x":', b"[", b""),
    "a wide text": (HEAD + b'"custom_prompt":"' + ASTRAL, b"a", b'"}'),
    "a wide picture": (HEAD + b'"binary_data_base64":["' + ASTRAL, b"AAAA", b'","aa"]}'),
    "escaped quotes, never closed": (HEAD + b'"x":[' + b"0," * 20_000 + b'"', b'\\"', b""),
    "long numbers": (HEAD + b'"x":[', b"9" * 4000 + b",", b"0]}"),
    "one long number": (HEAD + b'"x":', b"1", b"}"),
}
"""How a body begins, what is repeated in it, and how it ends."""


def rows(quick: bool = False) -> Iterator[Row]:
    size_bytes = int(contract.parameter("body_limit_bytes")) // (100 if quick else 1)
    world = World()
    for kind, parts in KINDS.items():
        body = _body(size_bytes, *parts)
        yield Row(f"CPU of {kind}, {len(body) / 1e6:.0f} MB", _cpu_s(world, body), CPU_BOUND_S, "s")
        yield Row(f"memory of {kind}", _peak_mb(world, body), MEMORY_BOUND_MB, "MB", note="above the body, at its peak")


def _body(size_bytes: int, head: bytes, unit: bytes, tail: bytes) -> bytes:
    return head + unit * ((size_bytes - len(head) - len(tail)) // len(unit)) + tail


def _ask(world: World, body: bytes) -> None:
    headers = (("Host", "mock"), ("Authorization", "Bearer sk-test"), ("Content-Type", "application/json"))
    query = "Action=CVProcess&Version=2022-08-31"
    reply = service.answer_blocking(RawRequest("proxy", "POST", "/volcv/v1", query, headers, body), world)
    assert reply.status == 400, reply


def _cpu_s(world: World, body: bytes) -> float:
    began_s = time.process_time()
    _ask(world, body)
    return time.process_time() - began_s


def _peak_mb(world: World, body: bytes) -> float:
    tracemalloc.start()
    try:
        _ask(world, body)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
