"""The Flask app: two service doors and the control room, between WSGI and the corridor. Knows no contract.

A door makes a RawRequest, lets pictures named by URL be fetched, and hands the corridor's Reply to
whoever delivers: the front of delivery/server.py, or, under a foreign WSGI server, delivery/foreign.py.
Every error is JSON; nothing shows an HTML page or a traceback.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

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
    return app


class HandedOver(Response):
    """Says nothing: the front has the reply, and sends it by itself."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> tuple[bytes, ...]:
        start_response("200 OK", [])
        return ()


HANDED_OVER = HandedOver()


def preflight() -> Response:
    headers = (("Allow", ALLOW), *cors.preflight(request.headers.get("Access-Control-Request-Headers")))
    response = Response(status=204, headers=list(headers))
    del response.headers["Content-Type"]  # Flask's own; there is no body to have one
    return response


class Doors:
    """What the two service doors do with a request."""

    def __init__(self, world: World) -> None:
        self._world = world

    def serve(self) -> Response:
        """A call of the service."""
        front = front_of(request.environ)
        cap = int(contract.parameter("body_limit_bytes"))
        raw = self._raw(front, _body(cap))
        if len(raw.body) > cap:  # under a foreign server; the front refuses before it reads
            return self._refused(raw, front, too_large(f"more than {cap} bytes", cap).problem)
        return self._handed_over(raw, front)

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
        """A mistake of ours. It is logged; the client gets the service's own 500."""
        _LOG.error("a request failed", exc_info=error)
        if request.path.startswith(_CONTROL):
            return _last_resort()
        front = front_of(request.environ)
        return self._refused(self._raw(front), front, _mistake(error))

    def _handed_over(self, raw: RawRequest, front: Front | None) -> Response:
        if front is not None and front.fetched:
            raw = replace(raw, fetched=front.fetched)
        wants = pipeline.pictures_wanted(raw, self._world)
        if wants and front is not None:
            front.wants = wants
            return HANDED_OVER
        if wants:
            raw = replace(raw, fetched=self._world.fetch(wants))
        return self._delivered(pipeline.handle(raw, self._world), raw, front)

    def _refused(self, raw: RawRequest, front: Front | None, problem: Problem, headers: Headers = ()) -> Response:
        try:
            reply = pipeline.refuse(raw, self._world, problem)
        except Exception:
            _LOG.exception("a refusal failed")
            return _last_resort()
        return self._delivered(replace(reply, headers=reply.headers + headers), raw, front)

    def _delivered(self, reply: Reply, raw: RawRequest, front: Front | None) -> Response:
        """Give the reply to the front; without one wait here and send it as an ordinary response."""
        if is_door(request.path):
            reply = cors.opened(reply)
        if front is not None:
            front.reply = reply
            return HANDED_OVER
        carried = Carried(reply, self._world, raw.arrived_s)
        carried.wait()
        return Response(carried, carried.status, list(carried.headers))

    def _raw(self, front: Front | None, body: bytes = b"") -> RawRequest:
        """The request, without its body unless that is given."""
        environ = request.environ
        door, remote = door_of(request.path), environ.get("REMOTE_ADDR", "")
        if front is None:
            path, query, headers = _as_sent(environ)
            now_s = self._world.monotonic()
            return RawRequest(door, request.method, path, query, headers, body, remote, request.scheme, now_s)
        head = front.head
        return RawRequest(door, head.method, head.path, head.query, head.headers, body, remote, "http", front.arrived_s)


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
