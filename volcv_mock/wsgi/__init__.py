"""The Flask app: both endpoints and the control API, on any WSGI server. Users get it as `mock.app`.

The endpoints build a RawRequest, call the service and send its reply (delivery.py); the control API is a blueprint.
Every error is JSON. The socket server and the intercept call this app for paths under /_mock/ only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wsgi import ClosingIterator

from volcv_mock import control, service
from volcv_mock.delivery import Reply
from volcv_mock.http import cors
from volcv_mock.http.endpoints import ENDPOINT_PATHS, endpoint_of, is_control, is_picture
from volcv_mock.http.response import LAST_RESORT
from volcv_mock.model import Headers, Problem, RawRequest
from volcv_mock.wsgi.delivery import WsgiBody
from volcv_mock.wsgi.rules import LazyRule

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from volcv_mock.world import World

_LOG = logging.getLogger("volcv_mock.wsgi")
_ROUTED = (404, 405)
"""What Flask's routing refuses; the service answers these requests itself."""


def create_app(world: World) -> Flask:
    """A WSGI app for one world."""
    app = Flask("volcv_mock", static_folder=None, template_folder=None)
    app.url_rule_class = LazyRule
    app.url_map.merge_slashes = False  # a redirect would be an HTML page
    app.url_map.strict_slashes = False
    endpoints = Endpoints(world)
    world.when_adopted = partial(service.await_tasks, world)
    for path in ENDPOINT_PATHS:
        methods = ["POST", "OPTIONS"]
        app.add_url_rule(path, path, endpoints.serve, methods=methods, provide_automatic_options=False)
    app.register_blueprint(control.blueprint(world))
    app.register_error_handler(HTTPException, endpoints.refuse_http)
    app.register_error_handler(Exception, endpoints.refuse_exception)
    app.before_request(picture_preflight)
    app.before_request(endpoints.warn_of_processes)
    app.after_request(with_picture_cors)
    return app


def picture_preflight() -> Response | None:
    """A preflight for a picture link: any page may read a picture, as any page may call an endpoint."""
    if request.method != "OPTIONS" or not is_picture(request.path):
        return None
    headers = cors.preflight(request.headers.get("Access-Control-Request-Headers"), cors.PICTURE_METHODS)
    return _without_type(Response(status=204, headers=[("Allow", cors.PICTURE_METHODS), *headers]))


def with_picture_cors(response: Response) -> Response:
    """CORS headers on every response of a picture link, errors included."""
    if is_picture(request.path):
        for name, value in cors.ALLOW_ALL:
            response.headers[name] = value
    return response


class Endpoints:
    """The service on Flask's routes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def serve(self) -> Response:
        """Answer the request that Flask is handling."""
        if _is_undecoded(request.environ):
            raw = self._raw(b"")
            return self._response(raw, service.refuse(raw, self._world, _undecoded()))
        raw = self._raw(request.stream.read(service.body_limit_bytes() + 1))
        return self._response(raw, service.answer_blocking(raw, self._world))

    def warn_of_processes(self) -> None:
        """Each process of the WSGI server has a world of its own."""
        if request.environ.get("wsgi.multiprocess"):
            self._world.warn_of_processes()

    def refuse_http(self, error: HTTPException) -> Response:
        """What Flask itself refuses: an unknown route, a wrong method, a body that ends early."""
        if is_control(_route(request.environ)):
            return _control_error(error)
        if error.code in _ROUTED:
            return self.serve()
        raw = self._raw(b"")
        return self._response(raw, service.refuse(raw, self._world, _unreadable(error)))

    def refuse_exception(self, error: Exception) -> Response:
        """An exception outside the service: a bug in the control API, in delivery, or in a hook of the user's."""
        _LOG.error("a request failed", exc_info=error)
        return Response(LAST_RESORT, 500, content_type="application/json")

    def _raw(self, body: bytes) -> RawRequest:
        environ, route = request.environ, _route(request.environ)
        sent_path, query, headers = _as_sent(environ)
        return RawRequest(
            endpoint_of(route), request.method, sent_path, query, headers, body, environ.get("REMOTE_ADDR", ""),
            request.scheme, route, _quoted(environ.get("SCRIPT_NAME", "")), self._world.arrived(headers),
        )  # fmt: skip

    def _response(self, raw: RawRequest, reply: Reply) -> Response:
        """Wait until the reply is due, then hand its body to the WSGI server."""
        body = WsgiBody(reply, self._world, raw)
        body.wait()
        response = PlayedResponse(body, reply.status, list(body.headers))
        return response if any(name == "Content-Type" for name, _ in reply.headers) else _without_type(response)


class PlayedResponse(Response):
    """A response whose body is always iterated and closed. Werkzeug drops the body of a response to HEAD unclosed."""

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """The body as a WSGI server iterates and closes it, also for HEAD."""
        return ClosingIterator(self.response, self.close)  # type: ignore[arg-type]  # response is the WsgiBody


def _as_sent(environ: WSGIEnvironment) -> tuple[str, str, Headers]:
    """Path, query and headers as near to the wire as a WSGI server tells."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    target = target or _quoted(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    return target.partition("?")[0], environ.get("QUERY_STRING", ""), tuple(request.headers.items())


def _route(environ: WSGIEnvironment) -> str:
    """The path that was routed. `request.path` is not that: it has one leading slash where the client sent several."""
    path: str = environ.get("PATH_INFO", "")
    return path.encode("latin-1").decode("utf-8", "replace") or "/"


def _quoted(path: str) -> str:
    return quote(path, encoding="latin-1")  # PEP 3333 decodes paths as Latin-1


def _without_type(response: Response) -> Response:
    """Flask gives a response without a body a Content-Type."""
    del response.headers["Content-Type"]
    return response


def _is_undecoded(environ: WSGIEnvironment) -> bool:
    """Whether the body is in chunks that this WSGI server does not decode: to Werkzeug it looks empty."""
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return is_chunked and not environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH")


def _undecoded() -> Problem:
    found, fix = "Transfer-Encoding: chunked", "Send the body with its length, or use `volcv-mock serve`."
    wanted = "a Content-Length: this WSGI server does not decode chunks"
    return Problem("header.Transfer-Encoding", found, wanted, fix, "http_framing", "PEP 3333")


def _unreadable(error: HTTPException) -> Problem:
    fix = "Send the request again, with its whole body."
    return Problem("request", error.name, "a complete HTTP request", fix, "bad_request", "RFC 9110, 15.5.1")


def _allowed(routed: Iterable[str]) -> str:
    """The methods of the path: of a picture link as its preflight names them, else in one order."""
    return cors.PICTURE_METHODS if is_picture(_route(request.environ)) else ", ".join(sorted(routed))


def _control_error(error: HTTPException) -> Response:
    headers = [("Allow", _allowed(error.valid_methods or ()))] if isinstance(error, MethodNotAllowed) else []
    method = "GET" if request.method == "HEAD" else request.method  # the same Content-Length (RFC 9110, 9.3.2)
    document: dict[str, Any] = {"error": {"message": f"{error.name}: {method} {request.path}", "type": "mock"}}
    return Response(json.dumps(document), error.code, headers, content_type="application/json")
