"""One client's connection, from its first request to its end: read, compute, wait, deliver, again.

pywsgi's server calls this in place of its own handler. Whatever takes time is done elsewhere: the app
runs in the workers, pictures are fetched by the fetchers, and waiting costs a sleeping greenlet that
holds the finished bytes and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from gevent import GreenletExit, getcurrent

from volcv_mock.http.endpoints import Front, endpoint_of
from volcv_mock.http.environ import call, environ_of
from volcv_mock.http.framing import NO_HEAD, BadHttp, Head
from volcv_mock.http.response import Answer, last_resort
from volcv_mock.model import Delivered, Problem, RawRequest
from volcv_mock.server.channel import Channel, Gone, Slow
from volcv_mock.server.request_reader import Slot, read_body, read_head
from volcv_mock.server.response_sender import ResponseSender
from volcv_mock.server.server_state import ServerState

_LOG = logging.getLogger("volcv_mock.delivery")


class Connection:
    """`handle` returns when the connection is over."""

    __slots__ = ("_channel", "_is_computing", "_remote", "_sender", "_slot", "_state", "_turn_s", "greenlet")

    def __init__(self, sock: Any, address: Any, state: ServerState) -> None:
        self._channel = Channel(sock, state.callbacks)
        self._state = state
        self._remote = str(address[0]) if address else ""
        self._slot = Slot(state.slots)
        self._sender = ResponseSender(self._channel, state)
        self._is_computing = False
        self._turn_s = 0.0
        self.greenlet = getcurrent()

    @property
    def is_busy(self) -> bool:
        """Computing or writing an answer: soon over, unlike reading and waiting."""
        return self._is_computing or self._channel.is_sending

    def handle(self) -> None:
        try:
            self._state.enter(self)
            while self._serve_one():
                pass
        except (Gone, Slow, GreenletExit):
            pass
        except Exception:
            _LOG.exception("a connection failed")
        finally:
            self._end()

    def _end(self) -> None:
        self._slot.give_back()
        self._channel.close()
        self._state.leave(self)

    def _serve_one(self) -> bool:
        """One request and its answer; False when the connection is to end."""
        head, arrived_s = NO_HEAD, 0.0
        try:
            read = read_head(self._channel, self._state.timeouts)
            if read is None:
                return False
            head, arrived_s = read, self._arrived_s()
            front, answer = self._compute(head, arrived_s)
        except BadHttp as refusal:
            self._refuse(head, arrived_s or self._state.world.monotonic(), refusal.problem)
            return False
        finally:
            self._slot.give_back()
        is_kept = self._sender.deliver(front, answer, head.keeps_alive and not self._state.is_closing)
        self._turn_s = self._state.world.monotonic()
        return is_kept

    def _arrived_s(self) -> float:
        """When what was read had come, by the kernel's account: a loop with a crowd at its door reads late. What a
        client sends before its turn comes when the answer before it is over."""
        return max(self._state.world.monotonic() - self._channel.unread_for_s(), self._turn_s)

    def _compute(self, head: Head, arrived_s: float) -> tuple[Front, Answer]:
        """Read the body and let the app decide. Nothing of the body is held when this returns."""
        body = read_body(self._channel, head, self._slot, self._state.timeouts, self._state.max_body_bytes)
        front = Front(head, arrived_s)
        answer = self._call_app(front, body)
        if front.wants:
            self._fetch(front)
            answer = self._call_app(front, body)
        return front, answer

    def _call_app(self, front: Front, body: bytes) -> Answer:
        environ = environ_of(self._state.environ, front.head, body, self._remote, front)
        try:
            answer: Answer = self._work(partial(call, self._state.app, environ), front)
            return answer
        except Exception:
            _LOG.exception("the app failed")
            return last_resort(500)

    def _fetch(self, front: Front) -> None:
        """Fetch the pictures that a request names, without holding up those who bring theirs along."""
        wants, front.wants = front.wants, ()
        self._slot.give_back()
        front.fetched = self._state.fetchers.run(partial(self._state.world.fetch, wants))
        self._slot.take()

    def _refuse(self, head: Head, arrived_s: float, problem: Problem) -> None:
        """Answer what the app shall not see, then end: where the next request begins is not known."""
        front = Front(head, arrived_s)
        try:
            front.reply = self._work(partial(self._state.refuse, self._raw(front), problem), front)
        except Exception:
            _LOG.exception("a refusal failed")
        self._sender.deliver(front, last_resort(400), keeps_alive=False)
        self._channel.linger(self._state.timeouts.linger_s)

    def _raw(self, front: Front) -> RawRequest:
        head, endpoint, at_s = front.head, endpoint_of(front.head.path), front.arrived_s
        return RawRequest(endpoint, head.method, head.path, head.query, head.headers, b"", self._remote, arrived_s=at_s)

    def _work(self, work: Callable[[], Any], front: Front) -> Any:
        self._is_computing = True
        try:
            return self._state.workers.run(work, abandoned=partial(self._cut_off, front))
        finally:
            self._is_computing = False

    def _cut_off(self, front: Front) -> None:
        """The server ended while this was computed: the world still wants to hear of its reply."""
        if front.reply:
            self._state.world.delivered(front.reply, Delivered(0.0, "shut_down"))
