"""Plays an event stream on a socket, in the greenlet of its connection: no worker is held, and nothing is queued.

The response has no length and ends with the connection. A server that drains or stops ends it as it ends connections
that no call is on.
"""

from __future__ import annotations

from volcv_mock.delivery import Reply
from volcv_mock.http.event_stream import APART_S, HEARTBEAT, HEARTBEAT_S, EventStream
from volcv_mock.http.framing import Head
from volcv_mock.http.response import head_of
from volcv_mock.server.channel import HEAD_BYTES, Channel, Gone
from volcv_mock.server.timeouts import Timeouts


class EventSender:
    """Sends one stream until the client leaves (Gone), does not read (Slow), or the server ends the connection."""

    __slots__ = ("_channel", "_stream", "_timeouts")

    def __init__(self, channel: Channel, stream: EventStream, timeouts: Timeouts) -> None:
        self._channel = channel
        self._stream = stream
        self._timeouts = timeouts

    def play(self, reply: Reply, request: Head) -> None:
        """Send the head of the reply, then an event for each change. Never returns: it raises."""
        self._channel.begin_answer()
        seen = self._stream.changes.revision
        self._send(head_of(reply, None, keeps_alive=False, request=request), self._stream.event())
        while True:
            self._wait(seen)
            now = self._stream.changes.revision
            self._send(HEARTBEAT if now == seen else self._stream.event())
            seen = now
            self._channel.pause(APART_S, reads=False)

    def _wait(self, seen: int) -> None:
        """Until something changed, or a heartbeat is due."""
        changes = self._stream.changes
        while self._channel.pause_on_change(changes, seen, HEARTBEAT_S) == "ready":
            if self._channel.receive_ready(HEAD_BYTES) == b"":
                raise Gone

    def _send(self, *chunks: bytes) -> None:
        self._channel.send(chunks, self._timeouts.write_idle_s, self._timeouts.write_idle_s)
