"""The Flask app: two service doors and the control room, between WSGI and the corridor. Knows no contract.

A door makes a RawRequest, lets pictures named by URL be fetched, and hands the corridor's Reply to
whoever delivers: the front of delivery/server.py, or, under a foreign WSGI server, delivery/foreign.py.
What our front brings to a door goes there straight, past Flask's routing and contexts. Every error is
JSON; nothing shows an HTML page or a traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from volcv_mock import contract, control, pipeline
from volcv_mock.http import cors
from volcv_mock.http.endpoints import Front, endpoint_of, front_of, is_endpoint
from volcv_mock.http.framing import too_large
from volcv_mock.http.response import LAST_RESORT
from volcv_mock.model import Headers, Problem, RawRequest, Reply
from volcv_mock.wsgi_delivery import Carried

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from volcv_mock.world import World

ENDPOINT_PATHS = ("/", "/volcv/v1")
ALLOW = cors.METHODS
_LOG = logging.getLogger("volcv_mock.wsgi")
_CONTROL = "/_mock"
_AS_ROUTED = frozenset({*ENDPOINT_PATHS, "/volcv/v1/"})
"""The paths that Flask routes to a door; without strict slashes it takes one more than is written."""


def create_app(world: World) -> Flask:
    """A WSGI app for one world."""
    app = Flask("volcv_mock", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # a redirect would be an HTML page
    app.url_map.strict_slashes = False
    endpoints = Endpoints(world)
    for path in ENDPOINT_PATHS:
        app.add_url_rule(path, f"door {path}", endpoints.serve, methods=["POST"], provide_automatic_options=False)
        app.add_url_rule(path, f"preflight {path}", preflight, methods=["OPTIONS"], provide_automatic_options=False)
    app.register_blueprint(control.blueprint(world))
    app.register_error_handler(HTTPException, endpoints.refuse_http)
    app.register_error_handler(Exception, endpoints.refuse_mistake)
    app.wsgi_app = Straight(app.wsgi_app, endpoints)  # type: ignore[method-assign]  # as Flask's manual puts middleware
    return app


class HandedOver(Response):
    """Says nothing: the front has the reply, and sends it by itself."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> tuple[bytes, ...]:
        start_response("200 OK", [])
        return ()


HANDED_OVER = HandedOver()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request at a door, or at none. `path` is the decoded one; `front` delivers the answer, if it is ours."""

    path: str
    raw: RawRequest
    front: Front | None


class Straight:
    """WSGI middleware: a call that our own front brings to a service door does not pass through Flask.

    Routing, contexts and a response that the front has no use for were three tenths of what a refusal cost.
    """

    def __init__(self, flask: WSGIApplication, endpoints: Endpoints) -> None:
        self._flask = flask
        self._endpoints = endpoints

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        front, path = front_of(environ), environ["PATH_INFO"]
        if front is None or environ["REQUEST_METHOD"] != "POST" or path not in _AS_ROUTED:
            return self._flask(environ, start_response)
        asked = _asked_by(front, environ, path, environ["wsgi.input"].read())
        return self._endpoints.decide(asked)(environ, start_response)


def preflight() -> Response:
    headers = (("Allow", ALLOW), *cors.preflight(request.headers.get("Access-Control-Request-Headers")))
    response = Response(status=204, headers=list(headers))
    del response.headers["Content-Type"]  # Flask's own; there is no body to have one
    return response


class Endpoints:
    """What the two service doors do with a request."""

    def __init__(self, world: World) -> None:
        self._world = world

    def serve(self) -> Response:
        """A call of the service that Flask has routed."""
        cap = int(contract.parameter("body_limit_bytes"))
        asked = self._asked(_body(cap))
        if len(asked.raw.body) > cap:  # under a foreign server; the front refuses before it reads
            return self._refused(asked, too_large(f"more than {cap} bytes", cap).problem)
        return self.decide(asked)

    def decide(self, asked: Asked) -> Response:
        """A call of the service, read whole."""
        try:
            return self._decided(asked)
        except Exception as error:
            return self._mistaken(asked, error)

    def refuse_http(self, error: HTTPException) -> Response:
        """What Flask itself refuses: an unknown route, a wrong method."""
        if request.path.startswith(_CONTROL):
            return _control_error(error)
        asked = self._asked()
        if error.code == 405:
            return self._refused(asked, _wrong_method(asked.raw.method), (("Allow", ALLOW),))
        return self._refused(asked, _unknown_route(asked.raw) if error.code == 404 else _unreadable(error))

    def refuse_mistake(self, error: Exception) -> Response:
        """An exception that Flask caught."""
        if request.path.startswith(_CONTROL):
            _LOG.error("a request failed", exc_info=error)
            return _last_resort()
        return self._mistaken(self._asked(), error)

    def _decided(self, asked: Asked) -> Response:
        raw, front = asked.raw, asked.front
        if front is not None and front.fetched:
            raw = replace(raw, fetched=front.fetched)
        wants = pipeline.pictures_wanted(raw, self._world)
        if wants and front is not None:
            front.wants = wants
            return HANDED_OVER
        if wants:
            raw = replace(raw, fetched=self._world.fetch(wants))
        return self._delivered(asked, pipeline.handle(raw, self._world))

    def _mistaken(self, asked: Asked, error: Exception) -> Response:
        """A mistake of ours. It is logged; the client gets the service's own 500."""
        _LOG.error("a request failed", exc_info=error)
        return self._refused(asked, _mistake(error))

    def _refused(self, asked: Asked, problem: Problem, headers: Headers = ()) -> Response:
        try:
            reply = pipeline.refuse(asked.raw, self._world, problem)
        except Exception:
            _LOG.exception("a refusal failed")
            return _last_resort()
        return self._delivered(asked, replace(reply, headers=reply.headers + headers))

    def _delivered(self, asked: Asked, reply: Reply) -> Response:
        """Give the reply to the front; without one wait here and send it as an ordinary response."""
        if is_endpoint(asked.path):
            reply = cors.opened(reply)
        if asked.front is not None:
            asked.front.reply = reply
            return HANDED_OVER
        carried = Carried(reply, self._world, asked.raw.arrived_s)
        carried.wait()
        return Response(carried, carried.status, list(carried.headers))

    def _asked(self, body: bytes = b"") -> Asked:
        """The request that Flask has, without its body unless that is given."""
        environ, path = request.environ, request.path
        front = front_of(environ)
        if front is not None:
            return _asked_by(front, environ, path, body)
        endpoint, remote, now_s = endpoint_of(path), environ.get("REMOTE_ADDR", ""), self._world.monotonic()
        sent_path, query, headers = _as_sent(environ)
        raw = RawRequest(endpoint, request.method, sent_path, query, headers, body, remote, request.scheme, now_s)
        return Asked(path, raw, None)


def _asked_by(front: Front, environ: WSGIEnvironment, path: str, body: bytes) -> Asked:
    """The request as our front read it."""
    head, remote, endpoint = front.head, environ.get("REMOTE_ADDR", ""), endpoint_of(path)
    raw = RawRequest(endpoint, head.method, head.path, head.query, head.headers, body, remote, "http", front.arrived_s)
    return Asked(path, raw, front)


def _as_sent(environ: WSGIEnvironment) -> tuple[str, str, Headers]:
    """Path, query and headers as near to the wire as a WSGI server tells."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    target = target or quote(environ.get("PATH_INFO", ""), encoding="latin-1")
    return target.partition("?")[0], environ.get("QUERY_STRING", ""), tuple(request.headers.items())


def _body(cap: int) -> bytes:
    """The body, or one byte more than the cap: enough to refuse it."""
    return request.stream.read() if front_of(request.environ) else request.stream.read(cap + 1)


def _wrong_method(method: str) -> Problem:
    return Problem("method", method, "POST", "Send the call as POST.", "method_not_allowed", "S1, request method")


def _unknown_route(raw: RawRequest) -> Problem:
    found, wanted = f"{raw.method} {raw.path}"[:200], f"POST {' or POST '.join(ENDPOINT_PATHS)}"
    return Problem("path", found, wanted, "Mend the client's base URL.", "route_unknown", "S0, endpoint")


def _unreadable(error: HTTPException) -> Problem:
    found = error.name  # a foreign server's body that ends too early, for one
    return Problem("request", found, "a whole HTTP request", "Send it again.", "bad_request", "RFC 9110, 15.5.1")


def _mistake(error: Exception) -> Problem:
    found, fix = type(error).__name__, "This is a mistake of volcv-mock: please report it with its log."
    return Problem("mock", found, "no exception", fix, "internal", "volcv-mock")


def _control_error(error: HTTPException) -> Response:
    headers = [(name, value) for name, value in error.get_headers() if name.lower() == "allow"]
    document: dict[str, Any] = {"error": {"message": f"{error.name}: {request.method} {request.path}", "type": "mock"}}
    return Response(json.dumps(document), error.code, headers, content_type="application/json")


def _last_resort() -> Response:
    return Response(LAST_RESORT, 500, content_type="application/json")
