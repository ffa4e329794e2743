"""Serves ROUTES as a Flask blueprint. The only module of this package that imports Flask."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from volcv_mock import contract
from volcv_mock.control import page, parsing
from volcv_mock.control.document import PREFIX
from volcv_mock.control.guard import ClientProperties, admit
from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response
from volcv_mock.control.route import Route
from volcv_mock.control.routes import ROUTES
from volcv_mock.http.event_stream import HAND_OVER
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.scope import DEFAULT_SCOPE, SCOPE_HEADER, SCOPE_NAME
from volcv_mock.state import StateUnavailable
from volcv_mock.world import World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
CHALLENGE = 'Bearer realm="volcv-mock control"'


def blueprint(world: World) -> Blueprint:
    """The control API of one world."""
    control = Blueprint("control", "volcv_mock.control", url_prefix=PREFIX, static_folder=None)
    for path, group in groupby(sorted(ROUTES, key=_path), key=_path):
        routes = {route.method: route for route in group}
        control.add_url_rule(
            path, path.replace(".", "_"), _view(world, routes), methods=list(routes), provide_automatic_options=False
        )
    return control


def _path(route: Route) -> str:
    return route.path


def _view(world: World, routes: dict[Any, Route]) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        if request.path == PREFIX:
            return _response(page.moved(request.query_string.decode("latin-1")))
        route = routes["GET" if request.method == "HEAD" else request.method]
        try:
            with contract.using(world.contract):
                response = _response(route.handle(_control_request(world, route, path)))
            if route.method != "GET":
                world.changes.touch()
            return response
        except StateUnavailable as error:
            return _response(json_response({"error": {"message": f"the state cannot be reached: {error}"}}, 503))
        except ControlError as error:
            response = _response(json_response(error.document, error.status))
            if error.status == 401:
                response.headers["WWW-Authenticate"] = CHALLENGE
            return response

    return view


def _control_request(world: World, route: Route, path: dict[str, str]) -> ControlRequest:
    admit(ClientProperties(request.remote_addr or "", request.headers.get), world.settings, route.access)
    if route.access == "guarded":
        parsing.parameters(request.args, route.query)
    body = None if route.method == "GET" else _body(route)
    return ControlRequest(world, _scope(), path, request.args.to_dict(), body)


def _body(route: Route) -> Any:
    data = request.stream.read(parsing.MAX_BODY_BYTES + 1)
    body = parsing.document(data, request.headers.get("Content-Type", ""))
    if not route.body:
        parsing.no_body(body)
    return body


def _scope() -> str:
    name = request.headers.get(SCOPE_HEADER, DEFAULT_SCOPE)
    if name != EVERY_SCOPE and not SCOPE_NAME.fullmatch(name):
        raise ControlError(400, f"{SCOPE_HEADER} is {name[:80]!r}; wanted {SCOPE_NAME.pattern}, or * for all")
    return name


def _response(control: ControlResponse) -> Response:
    if control.stream and HAND_OVER in request.environ:
        request.environ[HAND_OVER].append(control.stream)
    response = Response(control.body, control.status, content_type=control.content_type)
    for name, value in (ALWAYS | dict(control.headers)).items():
        response.headers[name] = value
    return response
