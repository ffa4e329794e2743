"""Every wire fault on every transport: the client receives the playback, or what the table of limits says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest

from tests.helpers.clients import BASE, KEY, TLS, URL
from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock
from volcv_mock.delivery import DeliveryPlan, Reply, WireFault
from volcv_mock.http.playback import WIRE_FAULTS, playback_of
from volcv_mock.wsgi.delivery import NOTE

DURATION_S = 0.05
QUERY = "/volcv/v1?Action=CVProcess&Version=2022-08-31"


@dataclass
class Received:
    """What a client saw of one response. `length` is its Content-Length."""

    has_head: bool
    length: int = 0
    body: bytes = b""
    ending: str = "close"
    note: str = ""


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None: ...

    def get_stderr(self):
        return type("Nowhere", (), {"write": lambda self, text: None, "flush": lambda self: None})()


def over_the_socket(mock: VolcvMock) -> Received:
    with mock.serve() as server:
        return raw(server.base_url, mock)


def over_wsgi(mock: VolcvMock) -> Received:
    with wsgiref(mock) as url:
        return raw(url, mock)


def over_the_intercept(mock: VolcvMock) -> Received:
    with mock.intercept(BASE):
        try:
            with httpx.stream("POST", URL, json=mock.body(), headers=KEY, timeout=60, verify=TLS) as response:
                received = Received(True, int(response.headers["content-length"]))
                try:
                    for piece in response.iter_raw():
                        received.body += piece
                except httpx.RemoteProtocolError:
                    pass
                return received
        except httpx.ReadError:
            return Received(False, ending="reset")
        except httpx.RemoteProtocolError:
            return Received(False)


TRANSPORTS: dict[str, Callable[[VolcvMock], Received]] = {
    "socket": over_the_socket,
    "intercept": over_the_intercept,
    "wsgi": over_wsgi,
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("fault", WIRE_FAULTS)
def test_a_client_receives_the_playback(fault: str, transport: str) -> None:
    mock, behaviour = VolcvMock(seed=7), WIRE_FAULTS[fault]
    mock.clock.freeze()
    takes_duration = fault in ("drip", "hang")
    whole = over_the_intercept(mock).body
    mock.fault(fault, **({"duration_s": 0 if fault == "hang" else DURATION_S} if takes_duration else {}))

    received = TRANSPORTS[transport](mock)

    plan = DeliveryPlan(wire=WireFault(fault, DURATION_S))  # type: ignore[arg-type]
    playback = playback_of(Reply(200, (), (whole,), plan=plan))
    expected = b"".join(chunk for step in playback.steps for chunk in step.chunks)
    if transport == "wsgi":
        assert received.note.endswith(behaviour.limits["wsgi"])
        assert received.has_head
        assert len(received.body) == (len(expected) if behaviour.has_head else 1)
    else:
        assert (received.has_head, received.note) == (behaviour.has_head, "")
        assert (len(received.body), received.ending) == (len(expected), behaviour.ending)
    if behaviour.has_head:
        assert received.length - len(whole) == behaviour.extra_length_bytes
    call = mock.calls.last
    assert (call.client, call.delivered) == (("read_all", "whole") if fault == "drip" else ("broken_on_purpose", fault))


@contextmanager
def wsgiref(mock: VolcvMock) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, mock.app, handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def raw(url: str, mock: VolcvMock) -> Received:
    """One request on a raw socket, and everything until its end."""
    host, _, port = url.removeprefix("http://").partition(":")
    body = json.dumps(mock.body()).encode()
    head = f"POST {QUERY} HTTP/1.1\r\nHost: m\r\nAuthorization: {KEY['Authorization']}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as connection:
        connection.sendall(head.encode() + body)
        data, ending = b"", "close"
        try:
            while piece := connection.recv(65536):
                data += piece
        except ConnectionResetError:
            ending = "reset"
    head_bytes, has_head, rest = data.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head_bytes.decode().split("\r\n")[1:])
    fields = {name.lower(): value for name, value in fields.items()}
    return Received(bool(has_head), int(fields.get("content-length", 0)), rest, ending, fields.get(NOTE.lower(), ""))
