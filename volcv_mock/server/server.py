"""The socket server: gevent's pywsgi accepts connections, connection.py handles them, native threads compute.

It needs no monkey-patching: it runs in the main thread for `serve`, and in a thread with its own event loop inside a
test process.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.pywsgi import WSGIServer

import volcv_mock.service
from volcv_mock.http.environ import base_environ
from volcv_mock.server.channel import Channel
from volcv_mock.server.connection import Connection
from volcv_mock.server.forwarding import Forwarding
from volcv_mock.server.loop_callbacks import LoopCallbacks
from volcv_mock.server.memory_tuning import give_back
from volcv_mock.server.neighbours import Neighbours
from volcv_mock.server.server_state import ServerState, Service
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.server.workers import Workers

if TYPE_CHECKING:
    import ssl

    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

_LOG = logging.getLogger("volcv_mock.server")
BACKLOG = 4096
FETCHERS = 32
_START_S = 10.0
CHECKS_S = 0.5
"""How long calls that were passed on may still be checked, for the log, at shutdown."""


class Server:
    """The service and the control API of a world on a socket; `app` serves paths under /_mock/.

    `start` and `stop` for a thread, `serve_forever` for the main thread. With `tls` it serves https only.
    """

    def __init__(
        self,
        world: World,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        timeouts: Timeouts | None = None,
        service: Service = volcv_mock.service,
        max_body_bytes: int | None = None,
        tls: ssl.SSLContext | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        self._world = world
        self._app = app
        self._timeouts = timeouts or Timeouts()
        self._service = service
        self._tls = tls
        self._max_body_bytes = volcv_mock.service.body_limit_bytes() if max_body_bytes is None else max_body_bytes
        self._own = listener
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping: Any = None
        self._ends_now: Any = None
        self._neighbours: Neighbours | None = None
        self.state: ServerState | None = None
        self.host = host
        self.port = port

    @property
    def url(self) -> str:
        """The base URL of the official endpoint, with the port that was bound."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self._scheme}://{host}:{self.port}"

    @property
    def _scheme(self) -> str:
        return "https" if self._tls else "http"

    def bind(self) -> None:
        """Open the listening socket; connections wait in its backlog from here. Raises OSError."""
        if self._listener is None:
            self._listener = self._own or listen(self.host, self.port)
            self.port = self._listener.getsockname()[1]
            self._world.condition.phase = "starting"
            self._neighbours = Neighbours(self.host, self.port)

    def start(self) -> Server:
        """Serve from a new thread."""
        self.bind()
        started = threading.Event()
        name = "volcv-mock server"
        self._thread = threading.Thread(target=self._run_in_thread, args=(started,), name=name, daemon=True)
        self._thread.start()
        if not started.wait(_START_S):
            raise RuntimeError("the server's thread did not start")
        return self

    def stop(self, *, drains: bool = False) -> None:
        """Stop the thread of `start` and wait for its end; with `drains` as SIGTERM ends `serve_forever`."""
        thread, self._thread = self._thread, None
        if thread is not None and self.state is not None:
            self.state.callbacks.call_soon(self._end if drains else self._end_now)
            thread.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def serve_forever(
        self, ready: Callable[[], None] | None = None, on_signals: Mapping[int, Callable[[], None]] | None = None
    ) -> None:
        """Serve from the main thread until SIGINT or SIGTERM. `ready` is called once connections are accepted.

        SIGTERM lets the server drain, for as long as the settings say; SIGINT or a second SIGTERM ends it at once.
        """
        raise_file_limit()
        self.bind()
        endings = {signal.SIGINT: self._end_now, signal.SIGTERM: self._end}
        watchers = [gevent.signal_handler(number, function) for number, function in endings.items()]
        watchers += [gevent.signal_handler(number, function) for number, function in (on_signals or {}).items()]
        try:
            self._run(ready or (lambda: None))
        finally:
            for watcher in watchers:
                watcher.cancel()

    def _end(self) -> None:
        if self._stopping.is_set():
            self._ends_now.set()
        self._stopping.set()

    def _end_now(self) -> None:
        self._ends_now.set()
        self._stopping.set()

    def _run_in_thread(self, started: threading.Event) -> None:
        try:
            self._run(started.set)
        finally:
            gevent.get_hub().destroy(destroy_loop=True)

    def _run(self, ready: Callable[[], None]) -> None:
        hub, listener = gevent.get_hub(), self._listener
        assert listener is not None
        self._stopping, self._ends_now = Event(), Event()
        self.state = state = self._open_state(hub)
        acceptor = WSGIServer(
            listener, self._app, log=None, error_log=None, environ=state.environ, spawn=gevent.spawn_raw,
            handler_class=lambda sock, address, _: Connection(sock, address, state),
        )  # fmt: skip
        acceptor.do_read = _accepting(listener, hub)
        neighbours = self._neighbours or Neighbours(self.host, self.port)
        try:
            neighbours.watch(hub.loop, lambda: self._world.warn_of_processes())
            acceptor.start()
            self._world.backlog.is_open = True
            self._world.condition.phase = "ready"
            ready()
            self._stopping.wait()
            self._drain(acceptor, state)
        finally:
            neighbours.close()
            acceptor.close()
            self._listener = None
            self._world.backlog.is_open = False
            state.close()
            until_s = time.monotonic() + CHECKS_S
            self._world.backlog.write_all(lambda: time.monotonic() < until_s)
            self._world.condition.phase = "ready"  # the app may be served otherwise

    def _drain(self, acceptor: Any, state: ServerState) -> None:
        """Let calls end: first those of clients that do not know yet that this mock is not ready any more."""
        self._world.condition.phase = "draining"
        drain_s = self._world.settings.drain_s
        if not drain_s:
            return
        state.is_draining = True
        accept_s = min(drain_s, self._timeouts.drain_accept_s)
        self._ends_now.wait(accept_s)
        acceptor.close()
        state.end_idle()
        state.wait_for_calls(drain_s - accept_s, self._ends_now)

    def _open_state(self, hub: Any) -> ServerState:
        environ = base_environ(self.host, self.port, sys.stderr, self._scheme)  # read now: tests capture standard error
        callbacks = LoopCallbacks(hub)
        world, size = self._world, (os.cpu_count() or 1) + 1
        workers = Workers("worker", size, callbacks, world.gil_gate, give_back, world.backlog.write_one)
        fetchers = Workers("fetcher", FETCHERS, callbacks)
        slots = Semaphore(self._timeouts.reading_at_once)
        small_slots = Semaphore(self._timeouts.small_at_once) if self._world.state.is_shared else None
        has_upstream, compares = bool(self._world.settings.upstream), self._world.settings.mode == "diff"
        large_at_once = self._timeouts.large_compared_at_once if compares else self._timeouts.large_at_once
        large_slots = Semaphore(large_at_once) if has_upstream else None
        return ServerState(
            self._world, self._service, self._app, self._timeouts, self._max_body_bytes,
            callbacks, workers, fetchers, Forwarding(self._world.settings, callbacks), slots, small_slots, large_slots,
            environ, self._channel(),
        )  # fmt: skip

    def _channel(self) -> Callable[[Any, LoopCallbacks], Channel]:
        if self._tls is None:
            return Channel
        from volcv_mock.server.tls import TlsChannel  # lazy: only a server with a certificate needs ssl

        return partial(TlsChannel, self._tls)


def listen(host: str, port: int, *, shares: bool = False, accepts: bool = True) -> socket.socket:
    """A listening socket with TCP_NODELAY, which connections inherit on Linux: without it a keep-alive response takes
    44 ms. `shares`: other sockets may listen on the same port; without `accepts` it is only bound."""
    name = host.encode() if host.isascii() else host  # for bytes the module of IDNA is not imported
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if shares:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        if accepts:
            listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class OutOfFiles(Exception):
    """No file descriptor is left for a new connection. gevent stops accepting for a moment and tries again."""


def _accepting(listener: socket.socket, hub: Any) -> Callable[[], Any]:
    """The acceptor's function: it accepts plain non-blocking sockets. gevent's own sockets have two watchers each,
    which Channel does not use. A process out of open files logs one line, not a traceback for each attempt."""
    hub.NOT_ERROR = (*hub.NOT_ERROR, OutOfFiles)
    warned: list[bool] = []

    def accept_or_wait() -> Any:
        try:
            sock, address = listener.accept()
            sock.setblocking(False)
            return sock, address
        except BlockingIOError:
            return None  # the loop calls again
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            if not warned:
                _LOG.warning("out of open files: new connections wait; raise the limit (ulimit -n)")
                warned.append(True)
            raise OutOfFiles from error

    return accept_or_wait


def raise_file_limit() -> None:
    """As many open sockets as the system allows this process."""
    try:
        import resource  # lazy: not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
