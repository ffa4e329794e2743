"""A world and a service that do what the query string says, and a client made of one raw socket.

The tests of the socket server need responses of any length, delay and fault, and must see every byte. The real pipeline
is tested in tests/wsgi/test_app.py and tests/end_to_end/.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import parse_qs

from volcv_mock._util.gil_gate import GilGate
from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered, DeliveryPlan, Reply, WireFault
from volcv_mock.journal.backlog import Backlog
from volcv_mock.model import Arrived, Fetched, Headers, Problem, RawRequest
from volcv_mock.server.server import Server
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.service import Fetch
from volcv_mock.simulation.clock import Clock
from volcv_mock.state.memory import MemoryState
from volcv_mock.telemetry.condition import Condition

WAIT_S = 30.0
"""When to give up; longer than any stall of a busy machine, and never waited out by a test that passes."""
USUAL_HANG_S = 120.0
CAP_BYTES = 1 << 20
JSON = (("Content-Type", "application/json"),)


def until(what: Callable[[], object]) -> bool:
    """Whether something comes true in time; for what nobody reports."""
    give_up_at = time.monotonic() + WAIT_S
    while not what() and time.monotonic() < give_up_at:
        threading.Event().wait(0.002)
    return bool(what())


class ScriptedWorld:
    """The part of a World that delivery uses. `delivered` keeps what it was told, `happened` in which order."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.delays = Clock()
        self.gil_gate = GilGate(cores=2)
        self.condition = Condition()
        self.backlog = Backlog()
        self.state = MemoryState(0, 0, 0, 0, lambda scope: self.delays.now_s())
        self.endings: list[Delivered] = []
        self.happened: list[tuple[str, float]] = []
        self.gate = threading.Event()
        self.computing = 0
        self._told = threading.Condition()

    monotonic = staticmethod(time.monotonic)

    def clock(self, scope: str) -> Clock:
        return self.delays

    def arrived(self, headers: Headers) -> Arrived:
        arrived = Arrived(self.monotonic(), self.delays.now_s(), "default")
        self.happened.append(("arrived", arrived.monotonic_s))
        return arrived

    def expect(self, scope: str, endpoint: str, method: str, body: bytes) -> None:
        return None

    def fetch(self, urls: Iterable[str], trace: object = None) -> Mapping[str, Fetched]:
        return {url: Fetched(data=url.encode()) for url in urls}

    def delivered(self, reply: Reply, facts: Delivered) -> None:
        if not reply.arrival:
            return
        with self._told:
            self.endings.append(facts)
            self.happened.append(("delivered", self.monotonic()))
            self._told.notify_all()

    def began(self) -> None:
        with self._told:
            self.computing += 1
            self._told.notify_all()

    def wait_for(self, what: Callable[[], object]) -> None:
        """Until something that a greenlet or a worker reports has come true."""
        with self._told:
            assert self._told.wait_for(what, WAIT_S)

    def ending(self) -> Delivered:
        """How the first answer ended."""
        self.wait_for(lambda: self.endings)
        return self.endings[0]


class ScriptedService:
    """`?delay=1&fault=reset&seconds=2&size=100&gate=1&wants=URL&mistake=1`; plain=1 gives a reply without a journal
    entry."""

    def __init__(self, world: ScriptedWorld) -> None:
        self.world = world
        self.bodies: list[bytes] = []

    def answer(self, raw: RawRequest, world: ScriptedWorld) -> Reply | Fetch:
        asked = {name: values[0] for name, values in parse_qs(raw.query).items()}
        self.world.began()
        if "gate" in asked:
            with self.world.gil_gate.pixels():  # what takes long is pixel work
                assert self.world.gate.wait(WAIT_S)
        if "mistake" in asked:
            raise RuntimeError("on purpose")
        if "wants" in asked and not raw.fetched:
            return Fetch((asked["wants"],))
        self.bodies.append(raw.body)
        if "plain" in asked:
            return Reply(200, JSON, (b"{", b"}"))
        return self._reply(asked, raw)

    def refuse(self, raw: RawRequest, world: ScriptedWorld, problem: Problem) -> Reply:
        text = f'{{"rule":"{problem.rule}"}}'.encode()
        return Reply(STATUSES.get(problem.rule, 400), JSON, (text,), "refusal", arrival=1)

    def refuse_control(self, world: ScriptedWorld, problem: Problem) -> Reply:
        return Reply(STATUSES.get(problem.rule, 400), JSON, (f'{{"control":"{problem.rule}"}}'.encode(),))

    def _reply(self, asked: Mapping[str, str], raw: RawRequest) -> Reply:
        delay_s = float(asked.get("delay", 0))
        fault = WireFault(asked["fault"], float(asked.get("seconds", USUAL_HANG_S))) if "fault" in asked else None
        size = int(asked["size"]) if "size" in asked else None
        text = b'{"read":%d}' % len(raw.body) if size is None else b"x" * size
        chunks = (text[:1], text[1:-1], text[-1:])
        due_at_s = raw.arrived.clock_s + delay_s
        return Reply(200, JSON, chunks, "call", "default", DeliveryPlan(delay_s, fault), due_at_s, arrival=1)


def no_app(environ, start_response):
    """In place of the control API."""
    start_response("404 NOT FOUND", list(JSON))
    return [b"{}"]


STATUSES = {"body_too_large": 413, "http_timeout": 408, "http_target_too_long": 414, "http_head_too_large": 431,
            "http_expectation": 417}  # fmt: skip


class Mock:
    """A running server with its scripted world."""

    def __init__(self, timeouts: Timeouts, host: str = "127.0.0.1") -> None:
        self.world = ScriptedWorld()
        self.service = ScriptedService(self.world)
        self.server = Server(
            self.world, no_app, host, timeouts=timeouts, service=self.service, max_body_bytes=CAP_BYTES
        )
        self.server.start()

    def client(self) -> Client:
        return Client(self.server.port, self.server.host)

    def settled(self) -> bool:
        """Nothing left of any connection: no greenlet, no slot."""
        state = self.server.state
        return not state.connections and state.slots.counter == state.timeouts.reading_at_once


class Client:
    """One raw socket."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(
        self, query: str = "", body: bytes = b"", method: str = "POST", headers: str = "", version: str = "1.1"
    ) -> None:
        length = (
            "" if "Transfer-Encoding" in headers or "Content-Length" in headers else f"Content-Length: {len(body)}\r\n"
        )
        self.send(f"{method} /?{query} HTTP/{version}\r\nHost: mock\r\n{length}{headers}\r\n".encode() + body)

    def has_heard_nothing(self) -> bool:
        """Whether neither a byte nor the end has come so far."""
        return not select.select([self.socket], [], [], 0)[0]

    def head(self) -> tuple[int, dict[str, str]]:
        """The next status and its headers."""
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        fields = (line.split(": ", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value for name, value in fields}

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next whole answer."""
        status, headers = self.head()
        length = int(headers.get("content-length", 0))
        while len(self.received) < length:
            self._more()
        body, self.received = self.received[:length], self.received[length:]
        return status, headers, body

    def reset(self) -> None:
        """Leave with a TCP RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def rest(self) -> bytes:
        """Everything until the server's end."""
        while data := self.socket.recv(65536):
            self.received += data
        return self.received

    def is_ended(self) -> bool:
        """True when the server has closed without another byte."""
        return self.rest() == b""

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"the server ended after {self.received!r}")
        self.received += data
