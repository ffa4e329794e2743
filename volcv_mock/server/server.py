"""The socket server: gevent's pywsgi accepts, our connections speak HTTP, native threads compute.

It needs no monkey-patching, so it runs in the main thread for `serve` and in a thread of its own, with
its own loop, inside a test process.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.pywsgi import WSGIServer

from volcv_mock.http import cors
from volcv_mock.http.endpoints import is_endpoint
from volcv_mock.model import Problem, RawRequest, Reply
from volcv_mock.server.connection import Connection
from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.server.memory_tuning import give_back
from volcv_mock.server.server_state import Refuse, ServerState
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.server.workers import Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

_LOG = logging.getLogger("volcv_mock.delivery")
BACKLOG = 4096
FETCHERS = 32
_START_S = 10.0


class Server:
    """A world and its app on a socket. `start` and `stop` for a thread, `serve_forever` for the main thread."""

    def __init__(
        self,
        world: World,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        timeouts: Timeouts | None = None,
        refuse: Refuse | None = None,
        max_body_bytes: int | None = None,
    ) -> None:
        self._world = world
        self._app = app
        self._timeouts = timeouts or Timeouts()
        self._refuse = refuse or _refusal(world)
        self._max_body_bytes = _body_cap() if max_body_bytes is None else max_body_bytes
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping: Any = None
        self.state: ServerState | None = None
        self.host = host
        self.port = port

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def bind(self) -> None:
        """Open the listening socket; connections wait in its backlog from here. Raises OSError."""
        if self._listener is None:
            self._listener = listen(self.host, self.port)
            self.port = self._listener.getsockname()[1]

    def start(self) -> Server:
        """Serve from a thread of its own."""
        self.bind()
        started = threading.Event()
        name = "volcv-mock server"
        self._thread = threading.Thread(target=self._run_in_thread, args=(started,), name=name, daemon=True)
        self._thread.start()
        if not started.wait(_START_S):
            raise RuntimeError("the server's thread did not start")
        return self

    def stop(self) -> None:
        """End what `start` began, and wait for that."""
        thread, self._thread = self._thread, None
        if thread is not None and self.state is not None:
            self.state.callbacks.call_soon(self._stopping.set)
            thread.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def serve_forever(
        self, ready: Callable[[], None] | None = None, on_signals: Mapping[int, Callable[[], None]] | None = None
    ) -> None:
        """Serve from the main thread until SIGINT or SIGTERM. `ready` is called once connections are accepted."""
        raise_file_limit()
        self.bind()
        watchers = [gevent.signal_handler(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)]
        watchers += [gevent.signal_handler(number, function) for number, function in (on_signals or {}).items()]
        try:
            self._run(ready or (lambda: None))
        finally:
            for watcher in watchers:
                watcher.cancel()

    def _end(self) -> None:
        self._stopping.set()

    def _run_in_thread(self, started: threading.Event) -> None:
        try:
            self._run(started.set)
        finally:
            gevent.get_hub().destroy(destroy_loop=True)

    def _run(self, ready: Callable[[], None]) -> None:
        hub, listener = gevent.get_hub(), self._listener
        assert listener is not None
        self._stopping = Event()
        self.state = state = self._open_state(hub)
        acceptor = WSGIServer(
            listener, self._app, log=None, error_log=None, environ=state.environ, spawn=gevent.spawn_raw,
            handler_class=lambda sock, address, _: Connection(sock, address, state),
        )  # fmt: skip
        acceptor.do_read = _accepting(listener, hub)
        try:
            acceptor.start()
            ready()
            self._stopping.wait()
        finally:
            acceptor.close()
            self._listener = None
            state.close()

    def _open_state(self, hub: Any) -> ServerState:
        environ = {
            "SERVER_NAME": self.host, "SERVER_PORT": str(self.port), "SCRIPT_NAME": "", "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            "wsgi.errors": _errors(),
        }  # fmt: skip
        callbacks = LoopCallbacks(hub)
        gate = self._world.gil_gate.python
        workers = Workers("worker", (os.cpu_count() or 1) + 1, callbacks, gate, when_quiet=give_back)
        fetchers = Workers("fetcher", FETCHERS, callbacks)
        slots = Semaphore(self._timeouts.reading_at_once)
        return ServerState(
            self._world, self._app, self._refuse, self._timeouts, self._max_body_bytes,
            callbacks, workers, fetchers, slots, environ,
        )  # fmt: skip


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections send at once: TCP_NODELAY is inherited from it on Linux, and a
    keep-alive answer takes 44 ms without."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class OutOfFiles(Exception):
    """No socket is left for a new connection. gevent stops accepting for a moment and tries again."""


def _accepting(listener: socket.socket, hub: Any) -> Callable[[], Any]:
    """How the acceptor takes a connection: as a plain socket that does not block. gevent's own would make two
    watchers for each, which Channel has no use for. A process out of files says so in one line instead of a
    traceback for each try."""
    hub.NOT_ERROR = (*hub.NOT_ERROR, OutOfFiles)
    told: list[bool] = []

    def accept_or_wait() -> Any:
        try:
            sock, address = listener.accept()
            sock.setblocking(False)
            return sock, address
        except BlockingIOError:
            return None  # another turn of the loop
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            if not told:
                _LOG.warning("out of open files: new connections wait; raise the limit (ulimit -n)")
                told.append(True)
            raise OutOfFiles from error

    return accept_or_wait


def raise_file_limit() -> None:
    """As many open sockets as the system allows this process."""
    try:
        import resource  # lazy: not everywhere
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _refusal(world: World) -> Refuse:
    from volcv_mock import pipeline  # lazy: the socket's own tests need no corridor

    def refuse(raw: RawRequest, problem: Problem) -> Reply:
        reply = pipeline.refuse(raw, world, problem)
        return cors.opened(reply) if is_endpoint(raw.path) else reply

    return refuse


def _body_cap() -> int:
    from volcv_mock import contract  # lazy, for the same reason

    return int(contract.parameter("body_limit_bytes"))


def _errors() -> Any:
    import sys  # read when serving begins, so that a captured standard error is honoured

    return sys.stderr
