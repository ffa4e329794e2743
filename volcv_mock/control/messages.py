"""ControlRequest, which a handler receives, ControlResponse, which it returns, and ControlError, which it raises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from volcv_mock._util.frozen import frozen
from volcv_mock.contract import nearest
from volcv_mock.http.event_stream import EventStream
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.scope import DEFAULT_SCOPE

if TYPE_CHECKING:
    from volcv_mock.scope import Scope
    from volcv_mock.world import World

Method = Literal["GET", "POST", "PUT", "DELETE"]
Access = Literal["guarded", "page", "open"]
"""`open`: no check. `page`: holds no data, so a browser may navigate to it. `guarded`: every other endpoint."""


class ControlError(Exception):
    """Ends a control request with `status` and a JSON error. `details` are added to it: permitted, did_you_mean."""

    def __init__(self, status: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"error": {"message": message, **{name: value for name, value in details.items() if value}}}


@frozen
class ControlRequest:
    """One control request. `scope` is a name, or "*" for all; `body` is parsed JSON, None when the body was empty."""

    world: World
    scope: str = DEFAULT_SCOPE
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def scopes(self) -> list[Scope]:
        """The scopes the request addresses; with "*" every known scope, the default one included."""
        names = dict.fromkeys((DEFAULT_SCOPE, *self.world.scopes())) if self.scope == EVERY_SCOPE else (self.scope,)
        return [self.world.scope(name).refreshed() for name in names]

    def each_scope(self, describe: Callable[[Scope], dict[str, Any]]) -> dict[str, Any]:
        """The document of the scope; with "*" a document for each scope, below `scopes`."""
        if self.scope != EVERY_SCOPE:
            return describe(self.world.scope(self.scope).refreshed())
        return {"scopes": {scope.name: describe(scope) for scope in self.scopes()}}


@frozen
class ControlResponse:
    """One control response. `body` is encoded as `content_type` says.

    `stream` is played instead of the body by a transport that can.
    """

    body: bytes = field(repr=False)
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: EventStream | None = None


def json_response(document: Any, status: int = 200) -> ControlResponse:
    """A JSON response in ASCII: text that a client sent is escaped."""
    return ControlResponse(json.dumps(document).encode() + b"\n", status)


def unknown(name: str, known: Iterable[str], kind: str, status: int = 400) -> ControlError:
    """The error for an unknown name: lists the permitted names and suggests the nearest."""
    permitted = list(known)
    hint = nearest(name, permitted)
    suggestion = f" Did you mean {hint!r}?" if hint else ""
    message = f"unknown {kind} {name[:80]!r}; permitted: {', '.join(permitted) or 'none'}.{suggestion}"
    return ControlError(status, message, permitted=permitted, did_you_mean=hint)
