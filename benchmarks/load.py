"""A bounded load client: one thread, one selector, raw HTTP/1.1 on 127.0.0.1.

Bounded in connections and in time, so that a server which never answers cannot hold it. It reads
answers with a Content-Length, which is what the mock sends.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Address = tuple[str, int]
RECEIVE_BYTES = 1 << 18
MOST_CONNECTIONS = 10_000
POLL_S = 0.25


@dataclass
class Result:
    """What a load came to: seconds per answer, the statuses seen, and how many requests failed."""

    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: int = 0
    wall_s: float = 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def rate(self) -> float:
        return len(self.latencies_s) / self.wall_s


def burst(
    address: Address, requests: Sequence[bytes], timeout_s: float, meanwhile: Callable[[], None] = lambda: None
) -> Result:
    """All requests at once, each on a connection of its own. `meanwhile` is called when all are sent."""
    return _Load(address, requests, timeout_s, again_until=0.0, meanwhile=meanwhile).run()


def closed_loop(address: Address, request: bytes, connections: int, seconds: float) -> Result:
    """A few connections that ask again as soon as they are answered, for some seconds."""
    until = time.perf_counter() + seconds
    return _Load(address, [request] * connections, seconds + 10, again_until=until).run()


class _Client:
    """One connection and the request it is in the middle of."""

    def __init__(self, address: Address, request: bytes) -> None:
        self.address = address
        self.request = request
        self.connect()

    def connect(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(self.address)
        self.ask()

    def ask(self) -> None:
        self.pending = memoryview(self.request)
        self.received = b""
        self.missing: int | None = None
        self.status = 0
        self.is_ending = False
        self.began_at = time.perf_counter()

    def write(self) -> bool:
        """Send what goes; True when the request is out."""
        self.pending = self.pending[self.socket.send(self.pending) :]
        return not self.pending

    def read(self) -> bool:
        """Take what came; True when the answer is whole. Raises OSError when it was cut off."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the answer was cut off")
        if self.missing is None:
            self.received += data
            return self._read_head()
        self.missing -= len(data)
        return self.missing <= 0

    def _read_head(self) -> bool:
        head, mark, body = self.received.partition(b"\r\n\r\n")
        if not mark:
            return False
        self.status = int(head[9:12])
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        self.is_ending = fields.get(b"connection") == b"close" or head.startswith(b"HTTP/1.0")
        self.missing = int(fields[b"content-length"]) - len(body)
        return self.missing <= 0


class _Load:
    """Drives the connections of one load to their end."""

    def __init__(
        self, address: Address, requests: Sequence[bytes], timeout_s: float, again_until: float,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.result = Result()
        self.selector = selectors.DefaultSelector()
        self.began_at = time.perf_counter()
        self.give_up_at = self.began_at + timeout_s
        self.again_until = again_until
        self.unsent = 0
        self.meanwhile: Callable[[], None] | None = meanwhile
        for request in requests[:MOST_CONNECTIONS]:
            self.send(_Client(address, request))

    def run(self) -> Result:
        while self.selector.get_map() and time.perf_counter() < self.give_up_at:
            for key, events in self.selector.select(POLL_S):
                self.step(key.data, events)
            self.tell_when_sent()
        self.result.wall_s = time.perf_counter() - self.began_at
        for key in list(self.selector.get_map().values()):
            self.fail(key.data)
        self.selector.close()
        return self.result

    def tell_when_sent(self) -> None:
        if not self.unsent and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()

    def send(self, client: _Client) -> None:
        self.unsent += 1
        self.selector.register(client.socket, selectors.EVENT_WRITE, client)

    def step(self, client: _Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE and client.write():
                self.unsent -= 1
                self.selector.modify(client.socket, selectors.EVENT_READ, client)
            elif events & selectors.EVENT_READ and client.read():
                self.answered(client)
        except BlockingIOError:
            return
        except OSError:
            self.fail(client)

    def answered(self, client: _Client) -> None:
        now = time.perf_counter()
        self.result.latencies_s.append(now - client.began_at)
        self.result.statuses[client.status] += 1
        self.selector.unregister(client.socket)
        if now >= self.again_until or client.is_ending:
            client.socket.close()
        if now < self.again_until:
            client.connect() if client.is_ending else client.ask()
            self.send(client)

    def fail(self, client: _Client) -> None:
        self.result.errors += 1
        self.selector.unregister(client.socket)
        client.socket.close()
