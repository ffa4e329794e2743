"""One client's connection, from its first request to its end: read, decide, deliver, again.

pywsgi's server calls this in place of its own handler. Nothing here computes or fetches: the service and the control
API run in the workers, pictures are fetched by the fetchers, and a response that waits is a sleeping greenlet that
holds the finished bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from gevent import GreenletExit, getcurrent

from volcv_mock.delivery import Delivered, Forward, Reply
from volcv_mock.http.endpoints import endpoint_of, is_control
from volcv_mock.http.environ import call, environ_of
from volcv_mock.http.event_stream import HAND_OVER, EventStream
from volcv_mock.http.framing import NO_HEAD, BadHttp, Head
from volcv_mock.http.response import last_resort
from volcv_mock.model import Arrived, Problem, RawRequest
from volcv_mock.server.channel import Gone, HandshakeFailed, Slow
from volcv_mock.server.event_sender import EventSender
from volcv_mock.server.request_reader import Slot, read_body, read_head
from volcv_mock.server.response_sender import ResponseSender
from volcv_mock.server.server_state import ServerState

_LOG = logging.getLogger("volcv_mock.server")


class Connection:
    """`handle` returns when the connection is over."""

    __slots__ = ("_channel", "_is_computing", "_remote", "_sender", "_slot", "_state", "_stream", "greenlet",
                 "is_answering")  # fmt: skip

    def __init__(self, sock: Any, address: Any, state: ServerState) -> None:
        self._channel = state.channel(sock, state.callbacks)
        self._state = state
        self._remote = str(address[0]) if address else ""
        self._slot = Slot(state.slots, state.large_slots, state.small_slots)
        self._sender = ResponseSender(self._channel, state)
        self._stream: EventStream | None = None
        self._is_computing = False
        self.is_answering = False
        self.greenlet = getcurrent()

    @property
    def is_busy(self) -> bool:
        """Computing or writing a response, which ends soon; reading and waiting may last."""
        return self._is_computing or self._channel.is_sending

    def handle(self) -> None:
        """Serve requests until one ends the connection; never raises."""
        try:
            self._state.enter(self)
            self._channel.shake_hands(self._state.timeouts.head_s)
            while self._serve_one():
                pass
        except (Gone, Slow, GreenletExit):
            pass
        except HandshakeFailed as failure:
            self._state.world.log.write_message(f"TLS handshake of {self._remote} failed: {failure}")
        except Exception:
            _LOG.exception("a connection failed")
        finally:
            self._end()

    def _end(self) -> None:
        self._slot.give_back()
        if self._state.is_closing:
            self._channel.finish()
        self._channel.close()
        self._state.leave(self)
        self._state.workers.put_off_pause()

    def _serve_one(self) -> bool:
        """One request and its response; False when the connection is to end."""
        head, arrived = NO_HEAD, None
        try:
            found = read_head(self._channel, self._state.timeouts, self._slot)
            if found is None:
                return False
            self.is_answering = True
            head = found
            if is_control(head.route):
                reply = self._control(head)
            else:
                arrived = self._state.world.arrived(head.headers)
                reply = self._reply(head, arrived)
        except BadHttp as refusal:
            head = refusal.head if head is NO_HEAD else head
            self._refuse(head, arrived, refusal.problem)
            return False
        finally:
            self._slot.give_back()
        if self._stream:  # no call is on this connection: it must not hold up the end of the server
            self.is_answering = False
            EventSender(self._channel, self._stream, self._state.timeouts).play(reply, head)
        keeps_alive = self._sender.deliver(reply, head, arrived, head.keeps_alive and not self._state.is_closing)
        self.is_answering = False
        return keeps_alive

    def _control(self, head: Head) -> Reply:
        """The reply of the control API. Such a call is in no scope, journal or quota."""
        body = self._body(head)
        try:
            reply: Reply = self._work(partial(self._call_app, head, body))
        except Exception:
            return self._failed()
        return reply

    def _reply(self, head: Head, arrived: Arrived) -> Reply:
        """Read the body and get the reply. Nothing of the body is held when this returns."""
        raw = self._raw(head, arrived, self._body(head), counts=True)
        try:
            found = self._decided(raw)
            if isinstance(found, Reply):
                return found
            raw = replace(raw, body=b"")  # the upstream may take its time
            return self._forwarded(found, raw)
        except Exception:
            return self._failed()

    def _body(self, head: Head) -> bytes:
        return read_body(self._channel, head, self._slot, self._state.timeouts, self._state.max_body_bytes)

    @staticmethod
    def _failed() -> Reply:
        _LOG.exception("a request failed")
        return last_resort()

    def _decided(self, raw: RawRequest) -> Reply | Forward:
        """What the service decides. Pictures are fetched first if it asks for them, without holding up others."""
        state = self._state
        found = self._work(partial(state.service.answer, raw, state.world))
        while not isinstance(found, Reply | Forward):
            self._slot.give_back()
            fetched = state.fetchers.run(partial(state.world.fetch, found.urls, found.trace))
            self._slot.take()
            raw = replace(raw, fetched=fetched)
            found = self._work(partial(state.service.answer, raw, state.world))
        return found

    def _forwarded(self, forward: Forward, raw: RawRequest) -> Reply:
        """The reply with what the upstream answers. Waiting for it holds up nobody."""
        state = self._state
        if not (forward.keeps_pictures and self._slot.is_large):
            self._slot.give_back()
        try:
            incoming = state.forwarding.send(forward.request)
            links = self._work(partial(forward.links, incoming)) if forward.links else ()
            if links:
                pictures = state.fetchers.run(partial(state.world.fetch_links, links))
                incoming = replace(incoming, pictures=pictures)
        except BaseException:
            forward.abandon()
            raise
        self._slot.take()
        reply: Reply = self._work(partial(state.service.finish, forward, incoming, raw, state.world))
        return reply

    def _call_app(self, head: Head, body: bytes) -> Reply:
        environ = environ_of(self._state.environ, head, body, self._remote)
        if head.method != "GET":
            return call(self._state.app, environ)
        environ[HAND_OVER] = handed_over = list[EventStream]()
        reply = call(self._state.app, environ)
        self._stream = next(iter(handed_over), None)
        return reply

    def _refuse(self, head: Head, arrived: Arrived | None, problem: Problem) -> None:
        """Answer a request that cannot be read, then end: where the next one begins is not known."""
        service, world = self._state.service, self._state.world
        if is_control(head.route):
            reply = self._work(partial(service.refuse_control, world, problem))
        else:
            arrived = arrived or world.arrived(head.headers)
            reply = self._work(partial(service.refuse, self._raw(head, arrived, b""), world, problem))
        self._sender.deliver(reply, head, arrived, keeps_alive=False)
        self._channel.linger(self._state.timeouts.linger_s)

    def _raw(self, head: Head, arrived: Arrived, body: bytes, *, counts: bool = False) -> RawRequest:
        endpoint, state = endpoint_of(head.route), self._state
        return RawRequest(
            endpoint, head.method, head.path, head.query, head.headers, body, self._remote,
            state.environ["wsgi.url_scheme"], head.route, arrived=arrived,
            expected=state.world.expect(arrived.scope, endpoint, head.method, body) if counts else None,
        )  # fmt: skip

    def _work(self, work: Callable[[], Any]) -> Any:
        self._is_computing = True
        try:
            return self._state.workers.run(work, abandoned=self._report_lost)
        finally:
            self._is_computing = False

    def _report_lost(self, result: object) -> None:
        """The server ended while this reply was computed: its journal entry and its quota slot must still be closed."""
        if isinstance(result, Reply):
            self._state.world.delivered(result, Delivered(0.0, "shut_down"))
