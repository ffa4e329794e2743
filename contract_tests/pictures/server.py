"""A loopback server for pictures by URL: the suite publishes bytes, the target fetches them."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NEVER_FETCHED = "https://pictures.invalid/never-fetched.png"
TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}


def unpublished(data: bytes) -> str:
    """For targets where calls cost money: requests by URL are refused before anyone fetches."""
    return NEVER_FETCHED


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A target may stop reading a picture that is too large for it: not an error here."""


class PictureServer:
    """Serves what was published, by digest, on a free port of 127.0.0.1. Bounded: the oldest are removed first."""

    def __init__(self, most: int = 256) -> None:
        self._pictures: dict[str, bytes] = {}
        self._most = most
        self._server = _QuietServer(("127.0.0.1", 0), _handler(self._pictures))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def publish(self, data: bytes) -> str:
        """The URL under which these bytes can be fetched; the oldest pictures are removed first."""
        name = hashlib.sha256(data).hexdigest()[:24]
        self._pictures.pop(name, None)  # published again is published last
        self._pictures[name] = data
        while len(self._pictures) > self._most:
            del self._pictures[next(iter(self._pictures))]
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


def _handler(pictures: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class PictureHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            data = pictures.get(self.path.strip("/"))
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Type", TYPES.get((data or b"")[:4], "application/octet-stream"))
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Silent: a test's output is about the target."""

    return PictureHandler
