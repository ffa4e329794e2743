"""Connections to one Redis: scripts by name, several in one round trip, and failing fast while it is away.

A free connection is taken by whoever needs one, so that it works for threads and for greenlets alike. redis-py's own
pool and client take twice the CPU time of a call.
"""

from __future__ import annotations

import _socket
import os
import re
import struct
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis import connection as kinds
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ConnectionError,
    NoScriptError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from volcv_mock._util.gil_gate import Gate
from volcv_mock.state import StateUnavailable
from volcv_mock.state.address import Address

LUA = Path(__file__).parent / "lua"
TIMEOUT_S = 1.0
FORKED = ("this process was forked from the one that opened it; make the mock in each worker (gunicorn without"
          " --preload, uWSGI with lazy-apps)")  # fmt: skip
FAST_S = 0.25
"""How long after a failure the next calls fail without trying."""

PASSING = re.compile(r"\b(BUSY|MISCONF|NOREPLICAS|OOM|READONLY)\b")
"""Errors that say how Redis is and not what was sent: those that redis-py has no class for, and, inside of the error of
a script, Redis before 7."""

Seconds = Callable[[], float]
Connect = Callable[[], Any]


class Scripts:
    """The scripts of lua/, each with the common lines before it. `scripts` gives those of this process."""

    def __init__(self) -> None:
        common = (LUA / "common.lua").read_text(encoding="utf-8")
        files = {path.stem: path for path in LUA.glob("*.lua") if path.stem != "common"}
        self.texts = {name: common + path.read_text(encoding="utf-8") for name, path in files.items()}
        self.digests = {name: sha1(text.encode(), usedforsecurity=False).hexdigest().encode() for name, text in
                        self.texts.items()}  # fmt: skip


scripts = cache(Scripts)


def connector(address: Address) -> Connect:
    """What opens a connection to an address. A connection connects when it is first used."""
    shared: dict[str, Any] = {
        "db": address.db, "username": address.username or None, "password": address.password or None,
        "socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }  # fmt: skip
    plain: Any = _blocking(kinds.Connection)
    tls: Any = kinds.SSLConnection  # redis-py has no types for these
    unix: Any = _blocking(kinds.UnixDomainSocketConnection)
    if address.path:
        return lambda: unix(path=address.path, **_without(shared, "socket_connect_timeout"))
    where: dict[str, Any] = {"host": address.host, "port": address.port}
    if address.scheme == "rediss":
        return lambda: tls(ssl_cert_reqs="required", ssl_ca_certs=address.ca or None, **where, **shared)
    return lambda: plain(**where, **shared)


def _blocking(kind: Any) -> Any:
    """A kind of connection whose socket blocks, with its time limit in the kernel. With a limit of its own Python waits
    by a system call before each other one, and lets go of the interpreter's lock for both: a tenth of the CPU time of a
    refusal."""

    class Blocking(kind):  # type: ignore[misc]
        def _connect(self) -> Any:
            sock = super()._connect()
            is_plain = isinstance(sock, _socket.socket)  # not one of gevent's, which must not block
            if is_plain and sys.platform == "linux":
                limit = struct.pack("ll", *divmod(round(sock.gettimeout() * 1e6), 1_000_000))
                sock.settimeout(None)
                sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVTIMEO, limit)
                sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDTIMEO, limit)
            return sock

    return Blocking


class RedisConnections:
    """Free connections, used by one thread or greenlet at a time. `observe` is told the seconds of each round trip,
    None for one that failed."""

    def __init__(self, connect: Connect, prefix: str, monotonic: Seconds, released: Gate = nullcontext) -> None:
        self.connect = connect
        self.observe: Callable[[float | None], None] = lambda seconds: None
        self.trips = 0
        """Round trips so far, for benchmarks."""
        self._prefix = prefix
        self._monotonic = monotonic
        self._released = released
        self._scripts = scripts()
        self._free: deque[Any] = deque()
        self._fails_until_s = 0.0
        self._reason = ""
        self._process = os.getpid()

    def script(self, name: str, *arguments: Any) -> Any:
        """Run one script."""
        return self.run([(name, arguments)])[0]

    def run(self, calls: Sequence[tuple[str, Sequence[Any]]], *, keeps_refusals: bool = False) -> list[Any]:
        """Run several scripts in one round trip, in this order. With `keeps_refusals` what Redis refuses is not raised:
        its error is in the place of its result."""
        digests = self._scripts.digests
        commands = [("EVALSHA", digests[name], b"1", self._prefix, *arguments) for name, arguments in calls]
        found = self._sent(commands)
        for each in found:
            if isinstance(each, ResponseError):
                found = self._run_again(calls, found)
                return found if keeps_refusals else _unrefused(found)
        return found

    def _run_again(self, calls: Sequence[tuple[str, Sequence[Any]]], found: list[Any]) -> list[Any]:
        """The same with those scripts sent whole that a restarted Redis did not know."""
        for index, (name, arguments) in enumerate(calls):
            if isinstance(found[index], NoScriptError):
                [found[index]] = self._sent([("EVAL", self._scripts.texts[name], 1, self._prefix, *arguments)])
        return found

    def command(self, *words: Any) -> Any:
        """One command of Redis; keys are made by `key`."""
        return self.commands([words])[0]

    def key(self, name: str) -> str:
        """The key of that name."""
        return self._prefix + name

    def load(self) -> None:
        """Send every script, so that calls need not."""
        self.commands([("SCRIPT", "LOAD", text) for text in self._scripts.texts.values()])

    def commands(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The replies; of a script that Redis does not know its NoScriptError. Raises StateUnavailable."""
        return _unrefused(self._sent(commands))

    def _sent(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The replies, and a ResponseError for each command that Redis refused."""
        began_s = self._monotonic()
        if began_s < self._fails_until_s:
            raise StateUnavailable(self._reason)
        try:
            with self._released():
                found = self._exchange(commands)
        except (RedisError, OSError, UnicodeError) as error:  # the last: a host name that cannot be encoded
            self.observe(None)
            self._reason, self._fails_until_s = reason(error), self._monotonic() + FAST_S
            raise StateUnavailable(self._reason) from error
        self.trips += 1
        self.observe(self._monotonic() - began_s)
        return found

    def close(self) -> None:
        """Close the free connections."""
        while self._free:
            self._free.pop().disconnect()

    def _exchange(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        if self._process != os.getpid():  # the sockets, the threads and the name in Redis are the parent's
            raise StateUnavailable(FORKED)
        try:
            connection, is_used = self._free.pop(), True
        except IndexError:
            connection, is_used = self.connect(), False
        try:
            found = _talk(connection, commands)
        except TimeoutError:
            connection.disconnect()
            raise
        except (ConnectionError, OSError) as error:
            connection.disconnect()
            if isinstance(error.__context__, BlockingIOError):  # the kernel's time limit
                raise TimeoutError(f"no answer within {TIMEOUT_S:g} s") from error
            if not is_used:
                raise
            found = _talk(connection, commands)  # Redis closed it while nobody used it
        except BaseException:
            connection.disconnect()
            raise
        self._free.append(connection)
        return found


def _talk(connection: Any, commands: Sequence[Sequence[Any]]) -> list[Any]:
    connection.send_packed_command([b"".join(map(packed, commands))], check_health=False)
    found = []
    for _ in commands:
        try:
            found.append(connection.read_response())
        except ResponseError as error:
            found.append(error)
    return found


def packed(words: Sequence[Any]) -> bytes:
    """One command as Redis reads it (RESP). redis-py's packer takes several times as long."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        part = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogatepass")
        parts.append(b"$%d\r\n%b\r\n" % (len(part), part))
    return b"".join(parts)


def reason(error: BaseException) -> str:
    """Why Redis cannot be used, in one line and without a password."""
    text = " ".join(str(error).split())
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} s"
    if isinstance(error, AuthenticationError) and "invalid" in text:  # redis-py removes the word WRONGPASS
        return "it refuses this user name or password"
    if isinstance(error, AuthenticationError) or "NOAUTH" in text:
        return "it demands a password: give it in the URL, as redis://:PASSWORD@HOST"
    if isinstance(error, BusyLoadingError):
        return "it is loading its data"
    if isinstance(error, OutOfMemoryError) or "OOM command" in text:  # Redis 6.2 tells it inside of a script's error
        return ("it is full: give it more maxmemory than --journal-bytes, --pictures-bytes and --tasks-bytes together,"
                " with the policy noeviction")  # fmt: skip
    known = {"refused": "connection refused", "No such file": "there is no such socket",
             "CERTIFICATE_VERIFY": "its certificate cannot be verified", "Name or service": "unknown host",
             "closed by server": "it closed the connection"}  # fmt: skip
    return next((words for part, words in known.items() if part in text), text[:200] or type(error).__name__)


def refusal(found: Any) -> str:
    """Why Redis refused a command, "" for any other reply."""
    return reason(found) if isinstance(found, ResponseError) and not isinstance(found, NoScriptError) else ""


def is_for_good(found: Any) -> bool:
    """Whether Redis refused a command that it would refuse again, however it is."""
    return type(found) is ResponseError and not PASSING.search(str(found))


def _unrefused(found: list[Any]) -> list[Any]:
    why = next(filter(None, map(refusal, found)), "")
    if why:
        raise StateUnavailable(why)
    return found


def _without(options: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key != name}
