"""`VolcvMock().app` under WSGI servers of another make: every fault does what it can there, and says what it cannot.

All but the wire faults are as on our own server; those do the nearest thing (delivery/foreign.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler as WsgirefHandler
from wsgiref.simple_server import WSGIServer
from wsgiref.simple_server import make_server as wsgiref_server

import pytest
from werkzeug.serving import WSGIRequestHandler as WerkzeugHandler
from werkzeug.serving import make_server as werkzeug_server

from tests.faults.show import SHOWS, success
from tests.helpers.desk import ClientRequest, Desk, scene, scope_of
from volcv_mock import VolcvMock, faults

WIRE = tuple(name for name in faults.names() if faults.by_name(name).hook == "wire")
ANSWERED = tuple(name for name in faults.names() if faults.by_name(name).hook not in ("wire", "task"))
SENT = {"reset": 1, "empty": 1, "hang": 1}
"""How much of the body arrives when nothing should."""


class Threaded(ThreadingMixIn, WSGIServer):
    """wsgiref serves one after another; the control API must answer while a call waits."""

    daemon_threads = True

    def handle_error(self, *arguments: object) -> None:
        """The cut connections are on purpose."""


class QuietWerkzeug(WerkzeugHandler):
    def log(self, *arguments: object) -> None: ...


class QuietWsgiref(WsgirefHandler):
    def log_message(self, *arguments: object) -> None: ...

    def get_stderr(self):
        return type("Nowhere", (), {"write": lambda self, text: None, "flush": lambda self: None})()


SERVERS = {
    "werkzeug": lambda app: werkzeug_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietWerkzeug),
    "wsgiref": lambda app: wsgiref_server("127.0.0.1", 0, app, Threaded, QuietWsgiref),
}


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    server = SERVERS[request.param](VolcvMock(seed=7).app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(url: str, request: pytest.FixtureRequest) -> Desk:
    place = Desk(url, scope_of(request.node.name))
    place.freeze()
    return place


@pytest.mark.parametrize("fault", ANSWERED)
def test_a_fault_above_the_wire_is_the_same_as_on_our_own_server(desk: Desk, fault: str) -> None:
    body = {"return_url": True} if fault in ("expired_url", "dead_link") else {}

    answer = desk.ask(ClientRequest(body, headers={"X-Volcv-Mock": f"fault={fault}"}))

    assert SHOWS[fault](answer)
    assert "x-volcv-mock-note" not in answer.headers


@pytest.mark.parametrize("fault", WIRE)
def test_a_fault_of_the_wire_does_the_nearest_thing_and_says_so(desk: Desk, fault: str) -> None:
    override = "fault=drip; duration=100ms" if fault == "drip" else f"fault={fault}"
    right = desk.ask()

    answer = desk.send(
        ClientRequest(headers={"X-Volcv-Mock": override}), {"fault": "" if fault == "drip" else fault}, scene()
    )

    assert f"fault={fault} under this WSGI server" in answer.headers["x-volcv-mock-note"]
    if fault in SENT:
        assert (answer.ending, len(answer.body)) == ("closed", SENT[fault])
    elif fault == "truncate":
        assert (answer.ending, len(answer.body)) == ("closed", answer.length // 2)
    else:
        assert success(answer)
        assert answer.length - len(answer.body) == (1000 if fault == "bad_length" else 0)
    assert success(right)
    calls = desk.until("read_all", 2) if fault == "drip" else desk.until("broken_on_purpose", 1)
    assert fault in [call["wire"] for call in calls]


def test_a_delay_waits_on_the_scopes_clock_here_too(desk: Desk) -> None:
    answer = desk.send(ClientRequest(headers={"X-Volcv-Mock": "delay=1h"}), {"delay_s": 3600}, scene())

    assert success(answer)
    assert answer.document["time_elapsed"] == "1h0m0s"


def test_a_quota_slot_is_given_back_after_every_wire_fault() -> None:
    mock = VolcvMock(in_flight=1)
    server = SERVERS["werkzeug"](mock.app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    desk = Desk(f"http://127.0.0.1:{server.server_port}", "quotas")
    ended: list[str] = []
    for fault in WIRE:
        desk.ask(
            ClientRequest(headers={"X-Volcv-Mock": f"fault={fault}" + "; duration=0s" * (fault in ("drip", "hang"))})
        )
        ended.append("read_all" if fault == "drip" else "broken_on_purpose")
        desk.until(ended[-1], ended.count(ended[-1]))

    assert success(desk.ask())
    server.shutdown()
    thread.join()
    server.server_close()
