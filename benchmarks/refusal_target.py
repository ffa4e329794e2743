"""A process that refuses one request again and again, by the present code or by the earlier commit's.

python benchmarks/refusal_target.py new|old KIND WARM_UP, with that tree in PYTHONPATH; prints the CPU seconds per
refusal. It imports nothing of benchmarks/, which the earlier commit has too.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

QUERY = "Action=CVProcess&Version=2022-08-31"
ROUNDS, CALLS = 12, 250

KINDS: dict[str, tuple[str, str, bytes]] = {
    "without a req_key": ("/", "", b"{}"),
    "of the schema": (
        "/volcv/v1", "Authorization: Bearer sk-bench\r\nUser-Agent: bench\r\nAccept: */*\r\n",
        b'{"req_key":"i2i_inpainting","binary_data_base64":["AA","AA"],"steps":-3}',
    ),
}  # fmt: skip
"""Path, headers and body of a request that is refused."""

OLD = """
from volcv_mock.app import create_app
from volcv_mock.config import Settings
from volcv_mock.delivery.application import call, environ_of
from volcv_mock.delivery.framing import parse_head
from volcv_mock.delivery.front import Front
from volcv_mock.model import Delivered
from volcv_mock.world import World

def refuser(head_bytes, body):
    world = World(Settings(auth="off", latency="off", log="off"))
    app = create_app(world)
    base = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "1", "SCRIPT_NAME": "", "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            "wsgi.errors": None}

    def refuse():
        front = Front(parse_head(head_bytes), world.monotonic())
        call(app, environ_of(base, front.head, body, "127.0.0.1", front))
        world.delivered(front.reply, Delivered(0.0, "read_all", 500))

    return refuse
"""
"""The same for the earlier commit, whose modules have other names: its `volcv_mock.delivery` is a package, and `front`
and `application` there are no modules of the present code."""


def refuser(head_bytes: bytes, body: bytes) -> Callable[[], None]:
    """A function that answers the request once, as a connection and its worker do (server/connection.py)."""
    from volcv_mock import service
    from volcv_mock.config import Settings
    from volcv_mock.delivery import Delivered
    from volcv_mock.http.endpoints import endpoint_of
    from volcv_mock.http.framing import parse_head
    from volcv_mock.model import RawRequest
    from volcv_mock.world import World

    world = World(Settings(auth="off", latency="off", log="off"))

    def refuse() -> None:
        head = parse_head(head_bytes)
        arrived = world.arrived(head.headers)
        raw = RawRequest(
            endpoint_of(head.path), head.method, head.path, head.query, head.headers, body, "127.0.0.1", "http",
            head.path, arrived=arrived,
        )  # fmt: skip
        world.delivered(service.answer_blocking(raw, world), Delivered(0.0, "read_all", 500))

    return refuse


def measure(version: str, kind: str, warm_up: int) -> float:
    """The median of some rounds, after caches are filled."""
    path, headers, body = KINDS[kind]
    lines = f"Host: bench\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}"
    namespace: dict[str, Callable[[bytes, bytes], Callable[[], None]]] = {"refuser": refuser}
    if version == "old":
        exec(OLD, namespace)
    refuse = namespace["refuser"](f"POST {path}?{QUERY} HTTP/1.1\r\n{lines}".encode(), body)
    for _ in range(warm_up):
        refuse()
    calls = min(CALLS, warm_up)
    return statistics.median(_cpu_s(refuse, calls) for _ in range(ROUNDS))


def _cpu_s(work: Callable[[], None], calls: int) -> float:
    began_at = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - began_at) / calls


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2], int(sys.argv[3])))
