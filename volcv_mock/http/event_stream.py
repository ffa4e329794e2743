"""Server-sent events that say only that something changed: the reader then asks for what it shows.

An event is the number of the last change, so that a listener costs no memory: nothing is queued for it, and changes
that follow each other closely become one event.
"""

from __future__ import annotations

from volcv_mock._util.changes import Changes
from volcv_mock._util.frozen import frozen

MEDIA_TYPE = "text/event-stream"
HAND_OVER = "volcv_mock.hand_over"
"""A list in the environ of a transport that plays event streams itself; the app puts its EventStream there."""

HEARTBEAT = b": the stream is open\n\n"
HEARTBEAT_S = 15.0
"""A listener that left without closing its connection is noticed when this cannot be sent."""
APART_S = 0.2
"""Between two events of one listener."""
RETRY_MS = 1000
"""How long the reader of a stream that ended should wait before it asks again."""


@frozen
class EventStream:
    """The changes of one world, as events."""

    changes: Changes

    def event(self) -> bytes:
        """The event that holds now: the number of the last change."""
        number = self.changes.revision
        return f'retry: {RETRY_MS}\nid: {number}\nevent: change\ndata: {{"revision": {number}}}\n\n'.encode()
