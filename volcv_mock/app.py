"""The Flask app: two service doors and the control room, between WSGI and the corridor. Knows no contract.

A door makes a RawRequest, lets pictures named by URL be fetched, and hands the corridor's Reply to
whoever delivers: the front of delivery/server.py, or, under a foreign WSGI server, delivery/foreign.py.
What our front brings to a door goes there straight, past Flask's routing and contexts. Every error is
JSON; nothing shows an HTML page or a traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from volcv_mock import contract, control, pipeline
from volcv_mock.delivery import cors
from volcv_mock.delivery.answer import LAST_RESORT
from volcv_mock.delivery.foreign import Carried
from volcv_mock.delivery.framing import too_large
from volcv_mock.delivery.front import Front, door_of, front_of, is_door
from volcv_mock.model import Headers, Problem, RawRequest, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from volcv_mock.world import World

DOOR_PATHS = ("/", "/volcv/v1")
ALLOW = cors.METHODS
_LOG = logging.getLogger("volcv_mock.app")
_CONTROL = "/_mock"


def create_app(world: World) -> Flask:
    """A WSGI app for one world."""
    app = Flask("volcv_mock", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # a redirect would be an HTML page
    app.url_map.strict_slashes = False
    doors = Doors(world)
    for path in DOOR_PATHS:
        app.add_url_rule(path, f"door {path}", doors.serve, methods=["POST"], provide_automatic_options=False)
        app.add_url_rule(path, f"preflight {path}", preflight, methods=["OPTIONS"], provide_automatic_options=False)
    app.register_blueprint(control.blueprint(world))
    app.register_error_handler(HTTPException, doors.refuse_http)
    app.register_error_handler(Exception, doors.refuse_mistake)
    app.wsgi_app = Straight(app.wsgi_app, doors)  # type: ignore[method-assign]  # as Flask's manual puts middleware
    return app


class HandedOver(Response):
    """Says nothing: the front has the reply, and sends it by itself."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> tuple[bytes, ...]:
        start_response("200 OK", [])
        return ()


HANDED_OVER = HandedOver()


class Straight:
    """WSGI middleware: a call that our own front brings to a service door does not pass through Flask.

    Routing, contexts and a response that the front has no use for were three tenths of what a refusal cost.
    """

    def __init__(self, flask: WSGIApplication, doors: Doors) -> None:
        self._flask = flask
        self._doors = doors

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        front = front_of(environ)
        if front is None or environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] not in DOOR_PATHS:
            return self._flask(environ, start_response)
        return self._doors.take(environ, front)(environ, start_response)


def preflight() -> Response:
    headers = (("Allow", ALLOW), *cors.preflight(request.headers.get("Access-Control-Request-Headers")))
    response = Response(status=204, headers=list(headers))
    del response.headers["Content-Type"]  # Flask's own; there is no body to have one
    return response


class Doors:
    """What the two service doors do with a request."""

    def __init__(self, world: World) -> None:
        self._world = world

    def take(self, environ: WSGIEnvironment, front: Front) -> Response:
        """A call of the service that the front has read."""
        raw = _read_by(front, environ, environ["PATH_INFO"], environ["wsgi.input"].read())
        try:
            return self._decided(raw, front)
        except Exception as error:
            return self._mistaken(error, raw, front)

    def serve(self) -> Response:
        """A call of the service that Flask has routed."""
        front = front_of(request.environ)
        cap = int(contract.parameter("body_limit_bytes"))
        raw = self._raw(front, _body(cap))
        if len(raw.body) > cap:  # under a foreign server; the front refuses before it reads
            return self._refused(raw, front, too_large(f"more than {cap} bytes", cap).problem)
        return self._decided(raw, front)

    def refuse_http(self, error: HTTPException) -> Response:
        """What Flask itself refuses: an unknown route, a wrong method."""
        if request.path.startswith(_CONTROL):
            return _control_error(error)
        front = front_of(request.environ)
        raw = self._raw(front)
        if error.code == 405:
            return self._refused(raw, front, _wrong_method(raw.method), (("Allow", ALLOW),))
        return self._refused(raw, front, _unknown_route(raw) if error.code == 404 else _unreadable(error))

    def refuse_mistake(self, error: Exception) -> Response:
        """An exception that Flask caught."""
        if request.path.startswith(_CONTROL):
            _LOG.error("a request failed", exc_info=error)
            return _last_resort()
        front = front_of(request.environ)
        return self._mistaken(error, self._raw(front), front)

    def _decided(self, raw: RawRequest, front: Front | None) -> Response:
        if front is not None and front.fetched:
            raw = replace(raw, fetched=front.fetched)
        wants = pipeline.pictures_wanted(raw, self._world)
        if wants and front is not None:
            front.wants = wants
            return HANDED_OVER
        if wants:
            raw = replace(raw, fetched=self._world.fetch(wants))
        return self._delivered(cors.opened(pipeline.handle(raw, self._world)), raw, front)

    def _mistaken(self, error: Exception, raw: RawRequest, front: Front | None) -> Response:
        """A mistake of ours. It is logged; the client gets the service's own 500."""
        _LOG.error("a request failed", exc_info=error)
        return self._refused(raw, front, _mistake(error))

    def _refused(self, raw: RawRequest, front: Front | None, problem: Problem, headers: Headers = ()) -> Response:
        try:
            reply = pipeline.refuse(raw, self._world, problem)
        except Exception:
            _LOG.exception("a refusal failed")
            return _last_resort()
        reply = replace(reply, headers=reply.headers + headers)
        return self._delivered(cors.opened(reply) if is_door(unquote(raw.path)) else reply, raw, front)

    def _delivered(self, reply: Reply, raw: RawRequest, front: Front | None) -> Response:
        """Give the reply to the front; without one wait here and send it as an ordinary response."""
        if front is not None:
            front.reply = reply
            return HANDED_OVER
        carried = Carried(reply, self._world, raw.arrived_s)
        carried.wait()
        return Response(carried, carried.status, list(carried.headers))

    def _raw(self, front: Front | None, body: bytes = b"") -> RawRequest:
        """The request, without its body unless that is given."""
        environ = request.environ
        if front is not None:
            return _read_by(front, environ, request.path, body)
        door, remote = door_of(request.path), environ.get("REMOTE_ADDR", "")
        path, query, headers = _as_sent(environ)
        now_s = self._world.monotonic()
        return RawRequest(door, request.method, path, query, headers, body, remote, request.scheme, now_s)


def _read_by(front: Front, environ: WSGIEnvironment, path: str, body: bytes) -> RawRequest:
    """The request as our front read it; `path` is the decoded one, which tells the door."""
    head, remote = front.head, environ.get("REMOTE_ADDR", "")
    return RawRequest(
        door_of(path), head.method, head.path, head.query, head.headers, body, remote, "http", front.arrived_s
    )


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
    found, wanted = f"{raw.method} {raw.path}"[:200], f"POST {' or POST '.join(DOOR_PATHS)}"
    return Problem("path", found, wanted, "Mend the client's base URL.", "route_unknown", "S0, endpoint")


def _unreadable(error: HTTPException) -> Problem:
    found = error.name  # a foreign server's body that ends too early, for one
    return Problem("request", found, "a whole HTTP request", "Send it again.", "bad_request", "RFC 9110, 15.5.1")


def _mistake(error: Exception) -> Problem:
    found, mend = type(error).__name__, "This is a mistake of volcv-mock: please report it with its log."
    return Problem("mock", found, "no exception", mend, "internal", "volcv-mock")


def _control_error(error: HTTPException) -> Response:
    headers = [(name, value) for name, value in error.get_headers() if name.lower() == "allow"]
    document: dict[str, Any] = {"error": {"message": f"{error.name}: {request.method} {request.path}", "type": "mock"}}
    return Response(json.dumps(document), error.code, headers, content_type="application/json")


def _last_resort() -> Response:
    return Response(LAST_RESORT, 500, content_type="application/json")
