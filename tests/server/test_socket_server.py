"""Starting and stopping: quick, complete, in a thread or in the main one."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.server.scripted import WAIT_S, Mock, until
from volcv_mock.cli.process import LOG_CLOSE_S
from volcv_mock.server.server import listen
from volcv_mock.server.server_state import KILL_S
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.server.workers import JOIN_S

ROOT = Path(__file__).resolve().parents[2]

SERVE = """
import sys
from tests.server.scripted import ScriptedService, ScriptedWorld, no_app
from volcv_mock.server.server import Server
world = ScriptedWorld()
server = Server(world, no_app, service=ScriptedService(world), max_body_bytes=1000)
server.serve_forever(ready=lambda: print(server.port, flush=True))
"""


def test_a_server_can_be_started_and_stopped_many_times():
    before = threading.active_count()

    for _ in range(10):
        mock = Mock(Timeouts())
        with mock.client() as client:
            client.ask()
            assert client.answer()[0] == 200
        mock.server.stop()

    assert threading.active_count() == before


def test_two_servers_live_side_by_side(serve):
    first, second = serve(), serve()

    for mock in (first, second):
        with mock.client() as client:
            client.ask()
            assert client.answer()[0] == 200


def test_stopping_twice_is_harmless(mock):
    mock.server.stop()
    mock.server.stop()


def test_a_stopped_server_takes_no_connection(mock):
    mock.server.stop()

    with pytest.raises(ConnectionRefusedError):
        mock.client()


def test_stopping_ends_idle_and_waiting_clients_and_uses_no_time_limit_up(serve):
    mock = serve(shutdown_s=3600)
    with mock.client() as idle, mock.client() as waiting:
        idle.ask()
        idle.answer()
        waiting.ask("delay=3600")
        mock.world.wait_for(lambda: mock.world.computing == 2)
        mock.server.stop()

        assert idle.is_ended()
        assert waiting.is_ended()

    assert [facts.ending for facts in mock.world.endings] == ["read_all", "shut_down"]


def test_stopping_closes_a_waiting_connection_without_a_reset_though_bytes_are_unread(mock):
    """Closing a socket with unread bytes would send a TCP RST, and the client would report another error."""
    with mock.client() as client:
        client.ask("delay=3600")
        mock.world.wait_for(lambda: mock.world.computing)
        client.send(b"x" * 200_000)
        mock.server.stop()

        assert client.is_ended()


def test_stopping_completes_a_response_that_has_begun(mock):
    """A drip sends its other pieces at once instead of ending in the middle."""
    with mock.client() as client:
        client.ask("fault=drip&seconds=600&size=5000")
        _, headers = client.head()
        mock.server.stop()

        assert len(client.rest()) == int(headers["content-length"]) == 5000

    assert [facts.ending for facts in mock.world.endings] == ["read_all"]


def test_an_answer_being_computed_is_still_sent(mock):
    with mock.client() as client:
        client.ask("gate=1")
        mock.world.wait_for(lambda: mock.world.computing)
        stopper = threading.Thread(target=mock.server.stop)
        stopper.start()
        assert until(lambda: mock.server.state.is_closing)
        mock.world.gate.set()
        status, headers, _ = client.answer()
        stopper.join()

    assert (status, headers["connection"]) == (200, "close")


def test_work_that_does_not_end_cannot_hold_the_server(serve):
    """Its reply is reported all the same once it is there."""
    mock = serve(shutdown_s=0.1)  # the work itself ends only when the gate opens, after stop()
    with mock.client() as client:
        client.ask("gate=1")
        mock.world.wait_for(lambda: mock.world.computing)
        mock.server.stop()

        assert client.is_ended()

    mock.world.gate.set()
    assert mock.world.ending().ending == "shut_down"


def test_the_waits_of_a_shutdown_are_less_than_2_s_together():
    """At worst each is used up: a slow reader, a greenlet that does not end, stuck workers, fetchers and log."""
    assert Timeouts().shutdown_s + KILL_S + 2 * JOIN_S + LOG_CLOSE_S < 2


def test_accepted_connections_send_without_waiting_for_acknowledgements():
    """Without TCP_NODELAY an answer in two packets on a kept connection takes 44 ms."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=WAIT_S):
        listener.setblocking(True)
        accepted, _ = listener.accept()

        with accepted:
            assert listener.proto == socket.IPPROTO_TCP
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_in_use_is_the_callers_error(mock):
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", mock.server.port)


def test_an_ipv6_host_is_served_and_bracketed(serve):
    try:
        mock = serve("::1")
    except OSError:
        pytest.skip("no IPv6 here")

    with mock.client() as client:
        client.ask()
        assert client.answer()[0] == 200
    assert mock.server.url == f"http://[::1]:{mock.server.port}"


CROWDED = """
import logging, os, resource, socket, threading
from tests.server.scripted import Mock
from volcv_mock.server.timeouts import Timeouts
warned = threading.Event()
class Warned(logging.Handler):
    def emit(self, record):
        warned.set()
logging.getLogger("volcv_mock").addHandler(Warned())
mock = Mock(Timeouts())
with mock.client() as client:
    client.ask(); client.answer()
spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(50)]
late = socket.socket()
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (late.fileno() + 1, hard))
for number in range(3, late.fileno()):  # whatever is free below the limit
    try:
        spare.append(os.dup(0))
    except OSError:
        break
late.settimeout(30)
late.connect(("127.0.0.1", mock.server.port))
late.sendall(b"POST / HTTP/1.1\\r\\nHost: m\\r\\nContent-Length: 0\\r\\n\\r\\n")
print(warned.wait(30))
for number in spare:
    os.close(number)
print(late.recv(12))
mock.server.stop()
"""


@pytest.mark.skipif(os.name != "posix", reason="needs ulimit")
def test_a_server_out_of_files_serves_again_once_there_are_some():
    """And shows no traceback meanwhile."""
    done = subprocess.run([sys.executable, "-c", CROWDED], cwd=ROOT, capture_output=True, timeout=WAIT_S,
                          encoding="utf-8")

    assert done.stdout.splitlines() == ["True", "b'HTTP/1.1 200'"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_the_main_thread_with_exit_0_though_an_answer_waits(number):
    process = subprocess.Popen([sys.executable, "-c", SERVE], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    with socket.create_connection(("127.0.0.1", int(process.stdout.readline())), timeout=WAIT_S) as client:
        client.sendall(b"POST /?delay=3600 HTTP/1.1\r\nHost: m\r\nContent-Length: 0\r\n\r\n")
        process.send_signal(number)

        assert process.wait(WAIT_S) == 0
    process.stdout.close()
