"""A process to load: the mock or a canned app, under the mock's own server or werkzeug's development server.

python -m benchmarks.serving_target socket|werkzeug mock|canned; prints its port, and ends on SIGTERM.
"""

from __future__ import annotations

import logging
import sys
from contextlib import nullcontext

from flask import Flask, Response, request

from volcv_mock.cli.collector import gc_disabled
from volcv_mock.config import Settings
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

CANNED = b'{"picture":"' + b"x" * 100_000 + b'"}'
CANNED_PATH = "/_mock/canned"
"""Under /_mock/ the socket server calls the Flask app, so both servers run the same app."""


def canned() -> Flask:
    """The same framework without the pipeline: it parses the body and returns 100 KB."""
    app = Flask("canned")

    @app.post(CANNED_PATH)
    def answer() -> Response:
        request.get_json()
        return Response(CANNED, content_type="application/json")

    return app


def serve_by_socket(world: World, app: Flask) -> None:
    from volcv_mock.server.memory_tuning import keep_for_now
    from volcv_mock.server.server import Server

    keep_for_now()  # as volcv-mock serve does
    server = Server(world, app)
    server.serve_forever(ready=lambda: print(server.port, flush=True))


def serve_by_werkzeug(world: World, app: Flask) -> None:
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


def main(server: str, content: str) -> None:
    with gc_disabled() if server == "socket" else nullcontext():  # as volcv-mock serve does
        world = World(Settings(auth="off", latency="off"))
        app = canned() if content == "canned" else create_app(world)
    {"socket": serve_by_socket, "werkzeug": serve_by_werkzeug}[server](world, app)


if __name__ == "__main__":
    main(*sys.argv[1:])
