"""ROUTES as a Flask blueprint: between WSGI and Ask and Answer. The only file here that knows Flask."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from volcv_mock.control import reading
from volcv_mock.control.ask import EVERY_SCOPE, Answer, Ask, ControlError, told
from volcv_mock.control.document import PREFIX
from volcv_mock.control.guard import Visitor, admit
from volcv_mock.control.route import Route
from volcv_mock.control.routes import ROUTES
from volcv_mock.world import DEFAULT_SCOPE, SCOPE_HEADER, SCOPE_NAME, World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
CHALLENGE = 'Bearer realm="volcv-mock control"'


def blueprint(world: World) -> Blueprint:
    """The control room of one world."""
    room = Blueprint("control", "volcv_mock.control", url_prefix=PREFIX, static_folder=None)
    for path, group in groupby(sorted(ROUTES, key=_path), key=_path):
        routes = {route.method: route for route in group}
        room.add_url_rule(
            path, path.replace(".", "_"), _view(world, routes), methods=list(routes), provide_automatic_options=False
        )
    return room


def _path(route: Route) -> str:
    return route.path


def _view(world: World, routes: dict[Any, Route]) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        route = routes["GET" if request.method == "HEAD" else request.method]
        try:
            return _response(route.handle(_ask(world, route, path)))
        except ControlError as error:
            answer = _response(told(error.document, error.status))
            if error.status == 401:
                answer.headers["WWW-Authenticate"] = CHALLENGE
            return answer

    return view


def _ask(world: World, route: Route, path: dict[str, str]) -> Ask:
    admit(Visitor(request.remote_addr or "", request.headers.get), world.settings, route.access)
    if route.access == "guarded":
        reading.parameters(request.args, route.query)
    return Ask(world, _scope(), path, request.args.to_dict(), None if route.method == "GET" else _body(route))


def _body(route: Route) -> Any:
    data = request.stream.read(reading.MAX_BODY_BYTES + 1)
    body = reading.document(data, request.headers.get("Content-Type", ""))
    if not route.body:
        reading.nothing(body)
    return body


def _scope() -> str:
    name = request.headers.get(SCOPE_HEADER, DEFAULT_SCOPE)
    if name != EVERY_SCOPE and not SCOPE_NAME.fullmatch(name):
        raise ControlError(400, f"{SCOPE_HEADER} is {name[:80]!r}; wanted {SCOPE_NAME.pattern}, or * for all")
    return name


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, content_type=answer.content_type)
    for name, value in (ALWAYS | dict(answer.headers)).items():
        response.headers[name] = value
    return response
