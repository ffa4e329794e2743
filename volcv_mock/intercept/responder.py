"""Answers the requests of every client of one intercept: the service decides, and PendingResponse plays the reply.

Endpoints go to the service; the control API and picture links go to the Flask app. Deciding takes no virtual time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from volcv_mock import service
from volcv_mock.delivery import Forward, Reply
from volcv_mock.http.endpoints import endpoint_of, is_control
from volcv_mock.http.environ import base_environ, call, environ_of
from volcv_mock.http.framing import Head
from volcv_mock.intercept.pending_response import PendingResponse
from volcv_mock.intercept.virtual_time import Pace
from volcv_mock.model import Arrived, Headers, RawRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

InThread = Callable[..., Awaitable[Any]]
"""Awaits a function with its arguments in a thread, as anyio.to_thread.run_sync does."""
REMOTE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class InterceptedRequest:
    """A request as its client sent it. `path` is the path below `base_path`, the path prefix of the intercepted base.

    `client` is a key of pending_response.HINTS.
    """

    scheme: str
    method: str
    base_path: str
    path: str
    query: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    client: str


class Responder:
    """What the clients of one intercept share. `missing_timeouts` collects the requests that would never have ended."""

    def __init__(self, world: World, app: Callable[[], WSGIApplication], pace: Pace) -> None:
        self.world = world
        self.pace = pace
        self.missing_timeouts: list[AssertionError] = []
        self._app = app

    def respond(self, request: InterceptedRequest) -> PendingResponse:
        """The response, decided; the client has not waited for it yet."""
        with self.pace.answering():
            raw, arrived = self._received(request)
            reply = self._call_app(request) if is_control(raw.route) else service.answer_blocking(raw, self.world)
            return self._pending(request, arrived, reply)

    async def respond_async(self, request: InterceptedRequest, in_thread: InThread) -> PendingResponse:
        """The same from a coroutine: a thread fetches and forwards, and the event loop goes on meanwhile."""
        raw, arrived = self._received(request)
        found = self._call_app(request) if is_control(raw.route) else service.answer(raw, self.world)
        while isinstance(found, service.Fetch):
            raw = replace(raw, fetched=await in_thread(self.world.fetch, found.urls, found.trace))
            found = service.answer(raw, self.world)
        if isinstance(found, Forward):
            found = await self._after_upstream(found, raw, in_thread)
        return self._pending(request, arrived, found)

    async def _after_upstream(self, forward: Forward, raw: RawRequest, in_thread: InThread) -> Reply:
        try:
            incoming = await in_thread(service.upstream_answer, forward, self.world)
        except BaseException:  # also when the task was cancelled
            forward.abandon()
            raise
        return service.finish(forward, incoming, raw, self.world)

    def _received(self, request: InterceptedRequest) -> tuple[RawRequest, Arrived]:
        arrived, route = self.world.arrived(request.headers), unquote(request.path)
        raw = RawRequest(
            endpoint_of(route), request.method, request.path, request.query, request.headers, request.body, REMOTE,
            request.scheme, route, request.base_path, arrived,
        )  # fmt: skip
        return raw, arrived

    def _pending(self, request: InterceptedRequest, arrived: Arrived, reply: Reply) -> PendingResponse:
        self.pace.called(self.world.clock(reply.scope))
        return PendingResponse(
            self.world, self.pace, reply, request.method, arrived.clock_s, request.client, self.missing_timeouts
        )

    def _call_app(self, request: InterceptedRequest) -> Reply:
        head = Head(request.method, request.path, request.query, request.headers, length=len(request.body))
        environ = environ_of(self._environ, head, request.body, REMOTE)
        environ |= {"wsgi.url_scheme": request.scheme, "SCRIPT_NAME": unquote(request.base_path)}
        return call(self._app(), environ)

    @cached_property
    def _environ(self) -> dict[str, Any]:
        return base_environ("volcv-mock", 80)
