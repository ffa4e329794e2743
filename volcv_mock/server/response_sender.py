"""Delivering one reply on a socket, in real time: wait until it is due, then send it, or the playback of its fault.

Nothing is decided here but how the delivery ended, which is reported to the world in every case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gevent import GreenletExit

from volcv_mock.delivery import Delivered, Reply, Writing
from volcv_mock.http.framing import Head
from volcv_mock.http.playback import Playback, content_of, playback_of
from volcv_mock.http.response import head_of
from volcv_mock.model import Arrived
from volcv_mock.server.channel import Channel, Gone, Slow
from volcv_mock.server.server_state import ServerState

Ending = Literal["read_all", "left_early", "broken_on_purpose", "timed_out", "shut_down"]


class ResponseSender:
    """Sends the responses of one connection."""

    __slots__ = ("_channel", "_head_bytes", "_state")

    def __init__(self, channel: Channel, state: ServerState) -> None:
        self._channel = channel
        self._state = state
        self._head_bytes = 0

    def deliver(self, reply: Reply, request: Head, arrived: Arrived | None, keeps_alive: bool) -> bool:
        """Send one reply. True when another request may follow. `arrived` is None for a call of the control API."""
        self._channel.begin_answer()
        self._head_bytes = 0
        ending: Ending = "shut_down"
        try:
            if reply.plan.delay_s > 0:
                self._wait(reply, reply.due_at_s)
            if reply.writing:
                reply = self._written(reply, reply.writing)
            keeps_alive = keeps_alive and not self._state.is_draining  # read now: the wait may have been long
            if reply.plan.wire is None:
                self._send_whole(reply, request, keeps_alive)
                ending = "read_all"
            else:
                keeps_alive, playback = False, playback_of(reply, request.method)
                self._play(playback, reply, request)
                ending = "read_all" if playback.is_whole else "broken_on_purpose"
        except Gone:
            ending = "left_early"
        except Slow:
            ending = "timed_out"
            self._channel.reset()
        finally:
            if arrived:
                self._report(reply, arrived, ending)
            self._state.workers.put_off_pause()  # journal entries wait for one, so that they hold up no answer
        return ending == "read_all" and keeps_alive

    def _send_whole(self, reply: Reply, request: Head, keeps_alive: bool) -> None:
        length, body = content_of(reply, request.method)
        head = head_of(reply, length, keeps_alive=keeps_alive, request=request)
        self._head_bytes = len(head)
        self._send([head, *body])

    def _play(self, playback: Playback, reply: Reply, request: Head) -> None:
        """A wire fault: the connection ends after it."""
        if self._state.is_closing:
            raise GreenletExit
        head = head_of(reply, playback.length, keeps_alive=False, request=request)
        pending = [head] if playback.has_head else []
        self._head_bytes = sum(map(len, pending))
        for step in playback.steps:
            if step.pause_s:
                self._send(pending)
                pending = []
                self._pause(step.pause_s)
            pending += step.chunks
        self._send(pending)
        if playback.hang_s:
            self._wait(reply, reply.due_at_s + playback.hang_s)
        if playback.ending == "reset":
            self._channel.reset()

    def _send(self, chunks: Sequence[bytes]) -> None:
        if not chunks:  # of a response without a head: it must not count as its first byte
            return
        timeouts = self._state.timeouts
        self._channel.send(chunks, timeouts.write_idle_s, timeouts.write_total_s)

    def _pause(self, seconds: float) -> None:
        """Wait between two parts of a response. Raises Gone when the client leaves.

        A server that is closing does not wait: a response that has begun is completed at once.
        """
        if self._state.is_closing:
            return
        try:
            if self._channel.pause(seconds) == "ready":
                if self._channel.receive_ready(1) == b"":
                    raise Gone
                self._channel.pause(seconds, reads=False)
        except GreenletExit:
            if not self._state.is_closing:
                raise

    def _wait(self, reply: Reply, due_at_s: float) -> None:
        """Until that moment on the reply's clock. Raises Gone when the client leaves before."""
        clock, reads = self._state.world.clock(reply.scope), True
        while clock.remaining_s(due_at_s) != 0:
            if self._state.is_closing:
                raise GreenletExit
            if self._channel.pause_on(clock, due_at_s, reads=reads) == "ready":
                reads = self._channel.take_ahead(self._state.timeouts.pipelined_bytes)

    def _written(self, reply: Reply, writing: Writing) -> Reply:
        """The reply once its journal entry is written, else the one that says why it is not."""
        if not writing.is_over:
            self._channel.wait_for(writing)
        return self._state.service.unwritten(reply, self._state.world, writing.problem) if writing.problem else reply

    def _report(self, reply: Reply, arrived: Arrived, ending: Ending) -> None:
        world = self._state.world
        ended_at_s = world.monotonic()
        begun_at_s = self._channel.first_byte_at_s or ended_at_s
        delay_s, sending_s = max(0.0, begun_at_s - arrived.monotonic_s), ended_at_s - begun_at_s
        body_bytes = self._channel.sent_bytes - self._head_bytes
        has_head = self._head_bytes > 0 and body_bytes >= 0
        world.delivered(reply, Delivered(delay_s, ending, max(0, body_bytes), has_head, sending_s))
