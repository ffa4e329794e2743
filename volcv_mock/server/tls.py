"""TLS on the sockets of the server: the certificate to serve with, and the channel of a client that speaks it.

Imported only by a server with a certificate. Handshakes run in the loop: one costs less than a refusal.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gevent.hub import Waiter

from volcv_mock._util.frozen import frozen
from volcv_mock.config import BadSetting, Settings
from volcv_mock.server.channel import (
    HEAD_BYTES,
    READ,
    RECEIVE_BYTES,
    WRITE,
    Channel,
    Event,
    Gone,
    HandshakeFailed,
    Slow,
)

if TYPE_CHECKING:
    from volcv_mock.server.certificates import Certificates
    from volcv_mock.server.loop_callbacks import LoopCallbacks

RECORD_BYTES = 16384
"""The most that one record of TLS holds (RFC 8446, 5.1)."""
LATER = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)
PLAIN_ANSWER = (
    b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This volcv-mock serves TLS: use https://\n"
)
"""What Go's net/http says to a client that speaks plain HTTP to a TLS port, too."""
LINGER_S = 1.0
REASONS = {
    "HTTP_REQUEST": "plain HTTP: use https://",
    "UNKNOWN_CA": "the client does not trust the certificate; give it the CA file",
    "CERTIFICATE_UNKNOWN": "the client does not trust the certificate; give it the CA file",
    "BAD_CERTIFICATE": "the client refused the certificate",
}
"""By the end of OpenSSL's name for the error."""


@frozen
class Secured:
    """What a server needs for TLS. `made` are the files of --tls, None for a certificate of the user's own."""

    context: ssl.SSLContext
    made: Certificates | None = None


def secured(settings: Settings) -> Secured | None:
    """The certificate that the settings ask for, made if it is missing; None without TLS. Raises BadSetting."""
    if settings.tls_cert:
        return Secured(_context(settings.tls_cert, settings.tls_key))
    if not settings.tls:
        return None
    from volcv_mock.server.certificates import certificates_for  # lazy: only --tls needs trustme

    made = certificates_for(settings)
    return Secured(_context(str(made.cert), str(made.key)), made)


def _context(cert: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=_refuse_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "strerror", None) or str(error)
        raise BadSetting(f"tls_cert = {cert!r}, tls_key = {key!r}: {reason}; wanted PEM files that match.") from None
    return context


def _refuse_password() -> str:
    raise ValueError("the key is encrypted")


class TlsChannel(Channel):
    """A connection that is encrypted. The socket is wrapped by the handshake."""

    __slots__ = ("_context",)

    def __init__(self, context: ssl.SSLContext, sock: socket.socket, callbacks: LoopCallbacks) -> None:
        super().__init__(sock, callbacks)
        self._context = context

    def shake_hands(self, timeout_s: float) -> None:
        """Raises HandshakeFailed, Slow, or Gone when the client left."""
        give_up_at = time.monotonic() + timeout_s
        try:
            self._socket = self._context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            while wanted := self._next_step():
                if super()._pause(Waiter(self._hub), give_up_at - time.monotonic(), wanted) == "due":
                    raise Slow
        except ssl.SSLError as error:
            raise self._failed(error) from error
        except OSError as error:
            raise Gone from error

    def _next_step(self) -> int:
        """What the handshake waits for, READ or WRITE; 0 when it is over."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return READ
        except ssl.SSLWantWriteError:
            return WRITE
        return 0

    def _failed(self, error: ssl.SSLError) -> HandshakeFailed:
        name = str(error.reason or error)
        if name == "HTTP_REQUEST":
            with suppress(OSError):
                socket.socket.send(self._socket, PLAIN_ANSWER)  # past the encryption
            super().linger(LINGER_S)
        return HandshakeFailed(next((text for end, text in REASONS.items() if name.endswith(end)), name.lower()))

    @property
    def _tls(self) -> ssl.SSLSocket:
        assert isinstance(self._socket, ssl.SSLSocket)
        return self._socket

    def receive(self, timeout_s: float, most_bytes: Callable[[], int] = lambda: HEAD_BYTES) -> bytes:
        """Some bytes. A part of a record makes the socket readable, and gives none yet."""
        give_up_at = time.monotonic() + timeout_s
        while (data := self.receive_ready(most_bytes())) is None:
            self.wait_readable(give_up_at - time.monotonic())
        if not data:
            raise Gone
        return data

    def receive_ready(self, most_bytes: int = RECEIVE_BYTES) -> bytes | None:
        """The bytes that have arrived, None when none have, b"" at the end of the stream."""
        try:
            return self._socket.recv(min(most_bytes, RECORD_BYTES))
        except LATER:
            return None
        except OSError as error:
            raise Gone from error

    def _pause(self, waiter: Any, seconds: float | None, wanted: int) -> Event:
        """The kernel does not know of bytes that are decrypted already."""
        if wanted == READ and self._tls.pending():
            return "ready"
        return super()._pause(waiter, seconds, wanted)

    def _send_now(self, chunks: Sequence[bytes | memoryview]) -> int:
        try:
            return self._socket.send(chunks[0][:RECORD_BYTES])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error

    def linger(self, seconds: float) -> None:
        """The same, after the end of the encrypted stream."""
        self._end_stream()
        super().linger(seconds)

    def finish(self) -> None:
        """The same, after the end of the encrypted stream."""
        self._end_stream()
        super().finish()

    def close(self) -> None:
        """Close the socket, after the end of the encrypted stream."""
        self._end_stream()
        super().close()

    def _end_stream(self) -> None:
        """Send close_notify: without it a client takes a response without a length for a truncated one."""
        with suppress(OSError, ValueError, AssertionError):
            self._tls.unwrap()
