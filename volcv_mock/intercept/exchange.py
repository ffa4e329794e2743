"""One call inside an intercept, whatever client made it: ask the corridor, then play the script of its reply.

Doors go straight to the corridor; everything else (pictures, the control room, wrong methods) goes
through the app. Deciding takes no time here; `Passage` spends it, on the clock of the reply's scope.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from volcv_mock import contract, pipeline
from volcv_mock.http import environ as wsgi_environ
from volcv_mock.http.endpoints import Front, endpoint_of, is_endpoint
from volcv_mock.http.framing import Head, too_large
from volcv_mock.intercept.script import Script, plain, script_of
from volcv_mock.intercept.virtual_time import Pace
from volcv_mock.model import Delivered, Headers, RawRequest, Reply
from volcv_mock.world import scope_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

REMOTE = "127.0.0.1"
Ending = Literal["read_all", "left_early", "broken_on_purpose"]


class TooLate(Exception):
    """The client's read timeout is over. `limit_s` is what it was."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"timed out after {limit_s:g} s")
        self.limit_s = limit_s


class MissingTimeout(AssertionError):
    """The client would have waited for ever: the answer hangs and no read timeout was set."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its client sent it; `path` is the path inside our territory."""

    scheme: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    client: str


class Exchange:
    """What every client of one intercept shares."""

    def __init__(self, world: World, app: Callable[[], WSGIApplication], pace: Pace) -> None:
        self.world = world
        self.pace = pace
        self.missing_timeouts: list[MissingTimeout] = []
        self._app = app

    def ask(self, asked: Asked) -> PendingResponse:
        """The reply, decided; its passage has yet to be lived through."""
        raw = RawRequest(endpoint_of(asked.path), asked.method, asked.path, asked.query, asked.headers, asked.body,
                         REMOTE, asked.scheme, self.world.monotonic())  # fmt: skip
        entered_s = self.world.clock(scope_of(raw)).now_s()
        if asked.method == "POST" and is_endpoint(unquote(asked.path)):
            return self._pending(self._decide(raw), asked, entered_s)
        front = Front(Head(asked.method, asked.path, asked.query, asked.headers, length=len(asked.body)), raw.arrived_s)
        environ = wsgi_environ.environ_of(self._environ, front.head, asked.body, REMOTE, front)
        environ["wsgi.url_scheme"] = asked.scheme
        answer = wsgi_environ.call(self._app(), environ)
        if front.reply:
            return self._pending(front.reply, asked, entered_s)
        body = b"" if asked.method == "HEAD" else b"".join(answer.body)
        return PendingResponse(self, None, plain(answer.status, answer.headers, body), asked.client, entered_s)

    def _decide(self, raw: RawRequest) -> Reply:
        cap = int(contract.parameter("body_limit_bytes"))
        if len(raw.body) > cap:
            return pipeline.refuse(raw, self.world, too_large(f"{len(raw.body)} bytes", cap).problem)
        wants = pipeline.pictures_wanted(raw, self.world)
        return pipeline.handle(replace(raw, fetched=self.world.fetch(wants)) if wants else raw, self.world)

    def _pending(self, reply: Reply, asked: Asked, entered_s: float) -> PendingResponse:
        return PendingResponse(self, reply, script_of(reply), asked.client, entered_s)

    @cached_property
    def _environ(self) -> dict[str, Any]:
        import io

        return {
            "SERVER_NAME": "volcv-mock", "SERVER_PORT": "80", "SCRIPT_NAME": "", "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.errors": io.StringIO(),
        }  # fmt: skip


class PendingResponse:
    """One answer on its way. It moves forward in time only and tells the world, once, how it ended."""

    def __init__(self, exchange: Exchange, reply: Reply | None, script: Script, client: str, entered_s: float) -> None:
        self.script = script
        self._exchange = exchange
        self._reply = reply
        self._client = client
        self._clock = exchange.world.clock(reply.scope if reply else "default")
        self._arrived_s = self._at_s = entered_s
        self._first_byte_s: float | None = None
        self._sent_bytes = 0
        self._is_over = False

    def head(self, limit_s: float | None) -> None:
        """Live through the time before the first byte. Raises TooLate, or MissingTimeout when it would never end."""
        self._demand_timeout(limit_s)
        if self.script.delay_s or self.script.hang_s:
            self._exchange.pace.gather()
        self.hold(self.script.delay_s + self.script.hang_s, limit_s)
        self._begun()

    async def ahead(self, limit_s: float | None) -> None:
        self._demand_timeout(limit_s)
        await self.ahold(self.script.delay_s + self.script.hang_s, limit_s)
        self._begun()

    def hold(self, seconds: float, limit_s: float | None) -> None:
        """One wait of the client. Raises TooLate when it is longer than the client's patience."""
        if seconds > 0 or not self._exchange.pace.is_virtual:
            self._exchange.pace.wait(self._clock, self._moment(seconds, limit_s))
        self._demand_timeout_kept(seconds, limit_s)

    async def ahold(self, seconds: float, limit_s: float | None) -> None:
        try:
            await self._exchange.pace.await_(self._clock, self._moment(seconds, limit_s))
        except BaseException:  # cancelled: the client has left
            self.over("left_early")
            raise
        self._demand_timeout_kept(seconds, limit_s)

    def sent(self, piece: bytes) -> bytes:
        self._sent_bytes += len(piece)
        return piece

    def over(self, ending: Ending) -> None:
        """Tell the world; the first ending counts."""
        if self._is_over or self._reply is None:
            return
        self._is_over = True
        begun_s = self._at_s if self._first_byte_s is None else self._first_byte_s
        facts = Delivered(max(0.0, begun_s - self._arrived_s), ending, self._sent_bytes)
        self._exchange.world.delivered(self._reply, facts)

    def _begun(self) -> None:
        self._first_byte_s = self._at_s
        if self.script.no_answer:
            self.over("broken_on_purpose")

    def _moment(self, seconds: float, limit_s: float | None) -> float:
        self._at_s += seconds if limit_s is None else min(seconds, limit_s)
        return self._at_s

    def _demand_timeout_kept(self, seconds: float, limit_s: float | None) -> None:
        if limit_s is not None and seconds > limit_s:
            self.over("left_early")
            raise TooLate(limit_s)

    def _demand_timeout(self, limit_s: float | None) -> None:
        """In virtual time nobody waits out a hang: without a read timeout it has no end that a test could see."""
        if limit_s is not None or not self.script.hang_s or not self._exchange.pace.is_virtual:
            return
        self._at_s += self.script.delay_s + self.script.hang_s
        self.over("broken_on_purpose")
        error = MissingTimeout(
            f"the answer hangs and {self._client} has no read timeout: in production this call would wait for ever. "
            f"Give the client one ({HINTS[self._client]}). If something else bounds the call, such as "
            f"asyncio.wait_for, ask for real_time=True."
        )
        self._exchange.missing_timeouts.append(error)
        raise error


HINTS = {"httpx": "httpx.Client(timeout=30)", "urllib3": "requests.post(..., timeout=30), urllib3 timeout=30"}
"""How a read timeout is set, by client."""
