"""The connections of the socket server to its upstream: which are used again, and what of an answer gets through."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from queue import SimpleQueue

import pytest

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock.config import Settings
from volcv_mock.delivery import Incoming, Outgoing
from volcv_mock.upstream import connections
from volcv_mock.upstream.client import AsyncUpstream

BODY = b'{"code":10000}'


def answer(body: bytes = BODY, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


class Upstream:
    """A listening socket whose connections the test plays itself, and a client of it."""

    def __init__(self, listener: socket.socket, client: AsyncUpstream) -> None:
        self.listener = listener
        self.client = client
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/volcv/v1"

    def ask(self, body: bytes = b"{}") -> SimpleQueue[Incoming]:
        found: SimpleQueue[Incoming] = SimpleQueue()
        self.client.start(Outgoing("POST", self.url, (("Host", "real"),), body, len(body)), found.put)
        return found

    def accepted(self) -> socket.socket:
        connection, _ = self.listener.accept()
        connection.settimeout(DEADLINE_S)
        return connection

    def exchange(self, connection: socket.socket, response: bytes) -> Incoming:
        found = self.ask()
        read_request(connection)
        connection.sendall(response)
        return found.get(timeout=DEADLINE_S)


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\r\n\r\n{}"):
        received += connection.recv(65536)
    return received


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE_S)
        settings = Settings(upstream=f"http://127.0.0.1:{listener.getsockname()[1]}", upstream_timeout_s=10)
        client = AsyncUpstream(settings)
        yield Upstream(listener, client)
        client.close()


@contextmanager
def first_exchange(upstream: Upstream, response: bytes) -> Iterator[tuple[socket.socket, Incoming]]:
    """A new connection after its first exchange; at the end it is closed, and no later test finds it good."""
    found = upstream.ask()
    with closing(upstream.accepted()) as connection:
        read_request(connection)
        connection.sendall(response)
        yield connection, found.get(timeout=DEADLINE_S)


def test_a_connection_is_used_again(upstream: Upstream) -> None:
    with first_exchange(upstream, answer()) as (connection, first):
        second = upstream.exchange(connection, answer(b"{}"))

    assert (first.body, second.body) == (BODY, b"{}")


@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
def test_a_connection_that_ended_or_says_more_than_was_asked_is_not_used_again(upstream: Upstream, more: bytes) -> None:
    with first_exchange(upstream, answer()) as (connection, _):
        connection.sendall(more)
        connection.shutdown(socket.SHUT_WR)
        with first_exchange(upstream, answer(b"{}")) as (other, second):
            assert other is not connection

    assert (second.status, second.body) == (200, b"{}")


def test_an_answer_compressed_in_spite_of_identity_is_decompressed(upstream: Upstream) -> None:
    with first_exchange(upstream, answer(gzip.compress(BODY), "Content-Encoding: gzip")) as (_, found):
        assert found.body == BODY


def test_what_arrived_before_a_reset_gets_through() -> None:
    """An upstream may refuse a large body before it has read it, and then close its end."""

    async def read() -> bytes:
        reader = connections._Reader()
        reader.feed_data(b"refused")
        reader.set_exception(ConnectionResetError())
        return await connections._Stream(reader, None).read(100)  # type: ignore[arg-type]

    assert asyncio.run(read()) == b"refused"
