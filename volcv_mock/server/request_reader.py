"""Reading requests: heads bounded in time and size, bodies admitted a few at a time.

A slot stands for the memory of one body. A connection takes it when bytes of its body can be read, and releases it when
the response is decided. A client that stalls while sending releases it until more bytes have arrived: the kernel keeps
what is not read.
"""

from __future__ import annotations

import time
from typing import Any

from volcv_mock.http.framing import HEAD_END, BadHttp, Body, Head, bad, body_of, parse_head
from volcv_mock.server.channel import HEAD_BYTES, RECEIVE_BYTES, Channel, Gone, Slow
from volcv_mock.server.timeouts import Timeouts

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_QUICK_BYTES = 16384
LARGE_BYTES = 1_000_000
"""From which on a body counts as large. One whose length is not known does, too."""
SMALL_BYTES = 16384
"""Up to which it is small."""
TLS_HANDSHAKE = 0x16
"""The first byte of a TLS connection (RFC 8446, 5.1)."""
_LINE_BREAKS = b"\r\n"
_LINE_END = b"\r\n"


class Slot:
    """The right to read and decide one request, from a semaphore. Releasing it twice does nothing.

    `of_large` is a second semaphore that a large body needs too, where their memory counts (None elsewhere).
    `of_small` is that of small bodies, where more of them should wait in the process.
    """

    __slots__ = ("_held", "_of_large", "_of_small", "_semaphore", "is_large", "is_small")

    def __init__(self, semaphore: Any, of_large: Any = None, of_small: Any = None) -> None:
        self._semaphore = semaphore
        self._of_large = of_large
        self._of_small = of_small
        self._held: tuple[Any, ...] = ()
        self.is_large = self.is_small = False

    def head_bytes(self) -> int:
        """How much to receive of a request whose head is not known: little, if its body might have to wait."""
        return HEAD_BYTES if self._of_large or self._semaphore.locked() else RECEIVE_BYTES

    def take(self) -> None:
        """Wait for a place among the requests in work, unless it is held already."""
        if self._held:
            return
        usual = self._of_small if self.is_small and self._of_small else self._semaphore
        if self.is_large and self._of_large:  # the rarer one first: who waits for it holds nothing else
            self._of_large.acquire()
            self._held = (self._of_large,)
        usual.acquire()
        self._held = (*self._held, usual)

    def give_back(self) -> None:
        """Give the place to the next request, if it is held."""
        held, self._held = self._held, ()
        for semaphore in held:
            semaphore.release()


def read_head(channel: Channel, timeouts: Timeouts, slot: Slot) -> Head | None:
    """The next head, None when the client sends no more. Raises BadHttp, or Gone in the middle of a head."""
    buffer = channel.ahead.lstrip(_LINE_BREAKS)
    channel.ahead = b""
    try:
        while not buffer:
            buffer = channel.receive(timeouts.keep_alive_s, slot.head_bytes).lstrip(_LINE_BREAKS)
    except (Gone, Slow):
        return None
    if buffer.find(HEAD_END) < 0:
        buffer = _rest_of_head(channel, bytearray(buffer), timeouts)
    end = buffer.find(HEAD_END)
    head = buffer[:end]
    channel.ahead = buffer[end + len(HEAD_END) :]
    if end + len(_LINE_END) > min(timeouts.head_bytes, timeouts.target_bytes):
        _check_beginning(head + _LINE_END, timeouts)
    try:
        return parse_head(head)
    except BadHttp:
        _check_beginning(head + _LINE_END, timeouts)  # which says more of what is not HTTP
        raise


def _rest_of_head(channel: Channel, buffer: bytearray, timeouts: Timeouts) -> bytes:
    """What was received when the head is whole."""
    give_up_at = time.monotonic() + timeouts.head_s
    searched = 0
    while buffer.find(HEAD_END, searched) < 0:
        _check_beginning(buffer, timeouts)
        searched = max(0, len(buffer) - 3)
        try:
            buffer += channel.receive(max(0.0, give_up_at - time.monotonic()))
        except Slow:
            raise _timeout("a head that does not end", timeouts.head_s) from None
    return bytes(buffer)


def _check_beginning(buffer: bytes | bytearray, timeouts: Timeouts) -> None:
    """Refuse bytes that cannot become a head without waiting for its end."""
    if len(buffer) > timeouts.head_bytes:
        wanted = f"at most {timeouts.head_bytes} bytes of headers"
        raise bad("http_head_too_large", "a head without end", wanted, "Send fewer headers.", "header")
    line_end = buffer.find(b"\n", 0, timeouts.target_bytes + 1)
    if line_end < 0 and len(buffer) > timeouts.target_bytes:
        wanted = f"at most {timeouts.target_bytes} bytes"
        raise bad("http_target_too_long", "a long first line", wanted, "Shorten the URL.", "target")
    if buffer[0] == TLS_HANDSHAKE:
        wanted = "plain HTTP (TLS: use http://, or start with --tls)"
        raise bad("http_syntax", "a TLS handshake", wanted, "Use http:// in the client, or start the mock with --tls.")
    if not 0x21 <= buffer[0] < 0x7F or (line_end >= 0 and buffer[line_end - 1 : line_end] != b"\r"):
        fix = "Send plain HTTP/1.1 to this port."
        raise bad("http_syntax", "bytes that are not HTTP", "METHOD TARGET HTTP/1.1, ended by CR LF", fix)


def read_body(channel: Channel, head: Head, slot: Slot, timeouts: Timeouts, cap_bytes: int) -> bytes:
    """The whole body; the slot is held when it returns. Raises BadHttp, or Gone for a short upload."""
    length = head.length or 0
    slot.is_large = head.is_chunked or length >= LARGE_BYTES
    slot.is_small = not head.is_chunked and length <= SMALL_BYTES
    if 0 < length <= min(len(channel.ahead), cap_bytes):  # it came with its head: a picture is copied once less
        content, channel.ahead = channel.ahead[:length], channel.ahead[length:]
        slot.take()
        return content
    body = body_of(head, cap_bytes)
    if head.has_body:
        _announce(channel, head, timeouts)
        _fill(channel, body, slot, timeouts)
        channel.ahead = body.rest
    slot.take()
    return body.content()


def _announce(channel: Channel, head: Head, timeouts: Timeouts) -> None:
    if head.expects_continue and not channel.ahead:
        channel.send([CONTINUE], timeouts.write_idle_s, timeouts.write_idle_s)


def _fill(channel: Channel, body: Body, slot: Slot, timeouts: Timeouts) -> None:
    left_s = timeouts.body_total_s
    body.feed(channel.ahead)
    channel.ahead = b""
    while not body.is_done:
        slot.take()
        burst_bytes = _take_what_is_there(channel, body)
        if body.is_done:
            return
        left_s -= _wait_for_more(channel, slot, timeouts, left_s, is_quick=burst_bytes >= _QUICK_BYTES)


def _take_what_is_there(channel: Channel, body: Body) -> int:
    """Feed what has arrived; returns its size in bytes. Raises Gone when the client ended its upload."""
    burst_bytes = 0
    while not body.is_done:
        data = channel.receive_ready(min(RECEIVE_BYTES, body.appetite))
        if data is None:
            break
        if not data:
            raise Gone
        body.feed(data)
        burst_bytes += len(data)
    return burst_bytes


def _wait_for_more(channel: Channel, slot: Slot, timeouts: Timeouts, left_s: float, is_quick: bool) -> float:
    """Wait for bytes; returns how long that took. Only a fast sender keeps its slot, for upload_grace_s."""
    began_at = time.monotonic()
    if is_quick and channel.pause(min(left_s, timeouts.upload_grace_s)) == "ready":
        return time.monotonic() - began_at
    slot.give_back()
    try:
        channel.wait_readable(min(left_s, timeouts.body_idle_s))
    except Slow:
        raise _timeout("a body that stands still or trickles", timeouts.body_total_s) from None
    return time.monotonic() - began_at


def _timeout(found: str, seconds: float) -> BadHttp:
    wanted, fix = f"all of it within {seconds:g} s", "Send it without pauses."
    return bad("http_timeout", found, wanted, fix, source="a limit of volcv-mock")
