"""Delivering one answer in real time: wait until it is due, break what shall be broken, write the rest.

Deciding was done before; here nothing is decided but what became of the answer, which the world is
told in the end, whatever happens in between.
"""

from __future__ import annotations

from typing import Literal

from gevent import GreenletExit

from volcv_mock.http.endpoints import Front
from volcv_mock.http.response import Answer, body_of, head_of
from volcv_mock.model import Delivered, Reply, WireFault
from volcv_mock.server import wire_faults
from volcv_mock.server.channel import Channel, Gone, Slow
from volcv_mock.server.server_state import ServerState

Ending = Literal["read_all", "left_early", "broken_on_purpose", "timed_out", "shut_down"]


class ResponseSender:
    """Carries the answers of one connection."""

    __slots__ = ("_channel", "_state")

    def __init__(self, channel: Channel, state: ServerState) -> None:
        self._channel = channel
        self._state = state

    def deliver(self, front: Front, answer: Answer, keeps_alive: bool) -> bool:
        """Send the front's reply, or the app's own answer when there is none. True when another request may follow."""
        self._channel.begin_answer()
        reply = front.reply
        if reply is None:
            return self._send(front, answer, keeps_alive)
        ending: Ending = "shut_down"
        try:
            self._wait(reply, reply.due_at_s if reply.plan.delay_s > 0 else None)
            ending = self._carry(front, reply, keeps_alive)
        except Gone:
            ending = "left_early"
        except Slow:
            ending = "timed_out"
            self._channel.reset()
        finally:
            self._report(front, reply, ending)
        return ending == "read_all" and keeps_alive

    def _carry(self, front: Front, reply: Reply, keeps_alive: bool) -> Ending:
        answer = Answer(reply.status, reply.headers, reply.body)
        if reply.plan.wire is None:
            self._send(front, answer, keeps_alive)
            return "read_all"
        if self._state.is_closing:
            raise GreenletExit
        self._break(front, reply, answer, reply.plan.wire)
        return "broken_on_purpose"

    def _send(self, front: Front, answer: Answer, keeps_alive: bool) -> bool:
        head = head_of(answer, keeps_alive=keeps_alive, request=front.head)
        timeouts = self._state.timeouts
        self._channel.send([head, *body_of(answer, front.head.method)], timeouts.write_idle_s, timeouts.write_total_s)
        return keeps_alive

    def _break(self, front: Front, reply: Reply, answer: Answer, fault: WireFault) -> None:
        def head(length: int) -> bytes:
            return head_of(answer, keeps_alive=False, request=front.head, length=length)

        def hang(seconds: float) -> None:
            self._wait(reply, reply.due_at_s + seconds)

        body = body_of(answer, front.head.method)
        wire_faults.FAULTS[fault.name](wire_faults.Broken(self._channel, head, body, fault, self._state.timeouts, hang))

    def _wait(self, reply: Reply, due_at_s: float | None) -> None:
        """Until that moment on the reply's clock. Raises Gone when the client leaves before."""
        if due_at_s is None:
            return
        clock, reads = self._state.world.clock(reply.scope), True
        while clock.remaining_s(due_at_s) != 0:
            if self._state.is_closing:
                raise GreenletExit
            if self._channel.pause_on(clock, due_at_s, reads=reads) == "ready":
                reads = self._channel.take_ahead(self._state.timeouts.pipelined_bytes)

    def _report(self, front: Front, reply: Reply, ending: Ending) -> None:
        world = self._state.world
        begun_at_s = self._channel.first_byte_at_s or world.monotonic()
        facts = Delivered(max(0.0, begun_at_s - front.arrived_s), ending, self._channel.sent_bytes)
        world.delivered(reply, facts)
