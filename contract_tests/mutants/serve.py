"""A mutant as a process of its own: python -m contract_tests.mutants.serve [--mutant NAME] [--upstream URL] [--port N].

Stands in for a real proxy when the nightly run is rehearsed. Prints one line with its address once it listens.
"""

from __future__ import annotations

import argparse
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from ..targets.mock import transport
from .registry import BASELINE, by_name
from .transport import MutantTransport


def main(argv: list[str]) -> int:
    """Serve one mutant until interrupted; prints its URL."""
    parser = argparse.ArgumentParser(prog="contract_tests.mutants.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--mutant", default=BASELINE.name)
    parser.add_argument("--upstream", default="", help="URL of the upstream; a mock in this process by default")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(argv)
    inner = httpx.HTTPTransport() if options.upstream else transport(*_keys())
    mutant = MutantTransport(inner, by_name(options.mutant))
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler(mutant, options.upstream))
    sys.stdout.write(f"mutant '{options.mutant}' listening on http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(0.1)
    except KeyboardInterrupt:
        server.server_close()
    return 0


def _keys() -> tuple[str, ...]:
    """The key of the run that is rehearsed: the mock knows it, and refuses others."""
    key = os.environ.get("VOLCV_API_KEY", "")
    return (key,) if key else ()


def handler(mutant: MutantTransport, upstream: str) -> type[BaseHTTPRequestHandler]:
    """A request handler that passes everything through the mutant."""

    class ProxyHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            base = upstream.rstrip("/") or f"http://{self.headers['Host']}"
            request = httpx.Request(self.command, base + self.path, headers=list(self.headers.items()), content=body)
            response = mutant.handle_request(request)
            data = response.read()
            self.send_response(response.status_code)
            for name, value in response.headers.multi_items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = pass_on  # noqa: N815 http.server finds them by name

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the suite's own report tells what happened."""

    return ProxyHandler


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
