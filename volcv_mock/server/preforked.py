"""Several processes that serve one address: a parent that only starts, restarts and ends workers.

On Linux each worker has a listening socket of its own on the same port (SO_REUSEPORT), and the kernel spreads
connections over them; elsewhere they share the parent's. Workers end with their parent, also when it is killed.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from volcv_mock.server.server import listen

RESTART_S = 1.0
"""A worker that died is replaced at most this often."""

Work = Callable[[int, Callable[[], None]], int]
"""Serves in the worker of that number until a signal, and calls the function once it accepts; gives the exit status."""

_PASSED_ON = (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))


def shares_port() -> bool:
    """Whether the kernel spreads connections over sockets that listen on one port; elsewhere the last one gets all."""
    return sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")


class BoundAddress:
    """The address of all workers, taken by the parent: port 0 becomes one port, and a taken one is found out once."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._listener = listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        if shares_port():  # free again, and taken by the workers: this one only keeps others off the port
            self._listener.close()
            self._listener = listen(host, self.port, shares=True, accepts=False)

    def listener(self) -> socket.socket:
        """The socket that a worker accepts from."""
        return listen(self.host, self.port, shares=True) if shares_port() else self._listener


class Preforked:
    """`run` starts `number` workers and returns the exit status when all have ended. `ready` is called once, when all
    accept; `say` reports workers that died. With `reloads` the workers reload their file at SIGHUP; without, it ends
    them, as the end of a terminal ends one process. Main thread only, before any other thread is started."""

    def __init__(self, number: int, work: Work, ready: Callable[[], None], print_line: Callable[[str], None],
                 *, reloads: bool = False) -> None:  # fmt: skip
        self._number = number
        self._work = work
        self._ready = ready
        self._print = print_line
        self._reloads = reloads
        self._alive: dict[int, int] = {}
        self._missing: set[int] = set()
        self._waits_for = set(range(number))
        self._is_ready = self._is_ending = False
        self._status = 0
        self._restarted_s = 0.0
        self._news, self._news_end = os.pipe()
        os.set_blocking(self._news, False)
        self._lifeline, self._life = os.pipe()
        self._signals = {*_PASSED_ON, signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1}

    def run(self) -> int:
        """Until every worker has ended."""
        for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1):
            signal.signal(number, lambda *_: None)  # an ignored signal might not be reported
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        for slot in range(self._number):
            self._start(slot)
        while self._alive or self._missing:
            self._react(signal.sigwait(self._signals))
        return self._status

    def _react(self, number: int) -> None:
        if number == signal.SIGUSR1:
            self._count_ready()
        elif number == signal.SIGCHLD:
            self._reap()
        elif number == signal.SIGALRM:
            self._restart()
        else:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        is_hangup = number == getattr(signal, "SIGHUP", None)
        if not (is_hangup and self._reloads):
            number = signal.SIGTERM if is_hangup else number
            self._is_ending = True
            self._missing.clear()
        for process in self._alive:
            os.kill(process, number)

    def _count_ready(self) -> None:
        with suppress(BlockingIOError):  # the signal of one worker may come after its byte was read with another's
            self._waits_for.difference_update(os.read(self._news, 4096))
        if not self._waits_for and not self._is_ready and not self._is_ending:
            self._is_ready = True
            self._ready()

    def _reap(self) -> None:
        while self._alive:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            slot = self._alive.pop(process, None)
            if slot is not None and not self._is_ending:
                self._replace(slot, os.waitstatus_to_exitcode(status))

    def _replace(self, slot: int, status: int) -> None:
        """A worker that ends before all accept cannot work at all; one that ends later gets a successor."""
        if not self._is_ready:
            self._status = max(status, 1)
            self._pass_on(signal.SIGTERM)
            return
        why = f"signal {-status}" if status < 0 else f"exit status {status}"
        self._print(f"worker {slot + 1} ended ({why}); another one is started")
        self._missing.add(slot)
        signal.setitimer(signal.ITIMER_REAL, max(0.01, self._restarted_s + RESTART_S - time.monotonic()))

    def _restart(self) -> None:
        self._restarted_s = time.monotonic()
        for slot in sorted(self._missing):
            self._start(slot)
        self._missing.clear()

    def _start(self, slot: int) -> None:
        process = os.fork()
        if process:
            self._alive[process] = slot
            return
        status = 1
        try:
            status = self._in_worker(slot)
        except BaseException:
            sys.excepthook(*_error())
        finally:
            sys.stdout.flush()
            os._exit(status)  # the parent's exit handlers are not the worker's

    def _in_worker(self, slot: int) -> int:
        os.close(self._life)
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._reloads:  # until it serves: it reads the file now
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signals)
        threading.Thread(target=self._end_with_parent, name="volcv-mock parent", daemon=True).start()
        parent = os.getppid()

        def ready() -> None:
            os.write(self._news_end, bytes([slot]))
            os.kill(parent, signal.SIGUSR1)

        return self._work(slot, ready)

    def _end_with_parent(self) -> None:
        os.read(self._lifeline, 1)  # returns when the parent has ended
        os.kill(os.getpid(), signal.SIGTERM)


def _error() -> Any:
    return sys.exc_info()
