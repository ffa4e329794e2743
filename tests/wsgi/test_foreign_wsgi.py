"""Under a WSGI server of another make: the delay in its thread, and the nearest thing to a wire fault."""

import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.server.scripted import JSON, Client, ScriptedWorld
from volcv_mock.delivery import DeliveryPlan, Reply, WireFault
from volcv_mock.model import RawRequest
from volcv_mock.wsgi.delivery import NOTE, WsgiBody

BODY = (b'{"picture":"', b"x" * 5000, b'"}')
SIZE = sum(map(len, BODY))
REQUEST = RawRequest("official", "POST", "/", "", (), b"{}")


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """The cut connections are on purpose."""

    def get_stderr(self):
        return type("Nowhere", (), {"write": lambda self, text: None, "flush": lambda self: None})()


class Foreign:
    """wsgiref serving one reply again and again."""

    def __init__(self, plan: DeliveryPlan) -> None:
        self.world = ScriptedWorld()
        self.plan = plan
        self.server = make_server("127.0.0.1", 0, self.app, handler_class=Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def app(self, environ, start_response):
        due_at_s = self.world.delays.now_s() + self.plan.delay_s
        reply = Reply(200, JSON, BODY, "call", "default", self.plan, due_at_s, arrival=1)
        body = WsgiBody(reply, self.world, REQUEST)
        self.world.began()
        body.wait()
        start_response("200 OK", list(body.headers))
        return body

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def foreign():
    running = []

    def start(delay_s: float = 0.0, fault: str | None = None, seconds: float = 0.0) -> Foreign:
        running.append(Foreign(DeliveryPlan(delay_s, WireFault(fault, seconds) if fault else None)))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def exchange(foreign: Foreign) -> tuple[dict[str, str], bytes]:
    with Client(foreign.server.server_port) as client:
        client.ask()
        return client.head()[1], client.rest()


def test_an_answer_arrives_whole_with_its_length(foreign):
    server = foreign()

    headers, body = exchange(server)

    assert headers["content-length"] == str(SIZE)
    assert body == b"".join(BODY)
    assert server.world.ending().ending == "read_all"


def test_a_delay_is_waited_for(foreign):
    began_at = time.monotonic()

    exchange(foreign(delay_s=0.1))

    assert time.monotonic() - began_at >= 0.1


def test_advancing_the_clock_releases_a_waiting_answer(foreign):
    server = foreign(delay_s=3600)
    with Client(server.server.server_port) as client:
        client.ask()
        server.world.wait_for(lambda: server.world.computing)
        server.world.delays.advance(3601)

        assert client.head()[0] == 200


@pytest.mark.parametrize(
    ("fault", "length", "sent"),
    [
        ("reset", SIZE, 1),
        ("empty", SIZE, 1),
        ("hang", SIZE, 1),
        ("truncate", SIZE, SIZE // 2),
        ("bad_length", SIZE + 1000, SIZE),
        ("drip", SIZE, SIZE),
    ],
)
def test_a_wire_fault_does_the_nearest_thing_and_says_so(foreign, fault, length, sent):
    server = foreign(fault=fault, seconds=0.02)

    headers, body = exchange(server)

    assert (headers["content-length"], len(body)) == (str(length), sent)
    assert fault in headers[NOTE.lower()]
    assert server.world.ending().ending == ("read_all" if fault == "drip" else "broken_on_purpose")


def test_a_drip_ends_after_its_last_piece(foreign):
    """A pause before a retry begins there."""
    server = foreign(fault="drip", seconds=0.3)

    exchange(server)

    facts = server.world.ending()
    assert facts.sending_s > 0
    assert facts.ended_after_s >= 0.3


def test_an_answer_that_nobody_takes_is_reported_once():
    world = ScriptedWorld()
    body = WsgiBody(Reply(200, JSON, BODY, arrival=1), world, REQUEST)

    next(iter(body))
    body.close()
    body.close()

    assert [facts.ending for facts in world.endings] == ["left_early"]
