"""One response on its way to an intercepted client: it spends the reply's delays on the clock of the reply's scope.

The client seams (httpx_client.py, urllib3_client.py) read its playback and raise what their client would have raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from volcv_mock.delivery import Delivered, Reply
from volcv_mock.http.playback import Playback, playback_of
from volcv_mock.http.response import headers_of
from volcv_mock.intercept.trio_deadlines import UnseenDeadline
from volcv_mock.model import Headers

if TYPE_CHECKING:
    from volcv_mock.intercept.virtual_time import Pace
    from volcv_mock.world import World

DeliveryEnding = Literal["read_all", "left_early", "broken_on_purpose"]

HINTS = {"httpx": "httpx.Client(timeout=30)", "urllib3": "requests.post(..., timeout=30), urllib3 timeout=30"}
"""How a read timeout is set, by client."""


class TooLate(Exception):
    """The read timeout of the client, `limit_s`, is over."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"timed out after {limit_s:g} s")
        self.limit_s = limit_s


class MissingTimeout(AssertionError):
    """The client would have waited for ever: the response hangs and no read timeout was set."""


class PendingResponse:
    """It moves forward in time only, and reports to the world once how it ended."""

    def __init__(
        self, world: World, pace: Pace, reply: Reply, method: str, arrived_s: float, client: str,
        missing_timeouts: list[AssertionError],
    ) -> None:  # fmt: skip
        self.status = reply.status
        self.playback: Playback = playback_of(reply, method)
        self._world = world
        self._pace = pace
        self._reply = reply
        self._client = client
        self._missing_timeouts = missing_timeouts
        self._clock = world.clock(reply.scope)
        self._head_s = reply.plan.delay_s + self.playback.hang_s
        self._arrived_s = self._at_s = arrived_s
        self._first_byte_s: float | None = None
        self._clock_at_head_s: float | None = None
        self._sent_bytes = 0
        self._is_over = False

    @property
    def headers(self) -> Headers:
        """The headers that the client receives, with the length that the playback announces."""
        return headers_of(self._reply, self.playback.length)

    @property
    def is_short(self) -> bool:
        """Whether the connection ends before Content-Length is reached."""
        return self.playback.ending != "complete" and self.playback.body_bytes != self.playback.length

    def head(self, limit_s: float | None) -> None:
        """Spend the time before the first byte. Raises TooLate, or MissingTimeout when it would never end."""
        self._require_timeout(limit_s)
        if self._head_s:
            self._pace.gather()
        self.hold(self._head_s, limit_s)
        self._begin()

    async def head_async(self, limit_s: float | None) -> None:
        """Wait until the head is due, at most `limit_s` (the client's read timeout; None: no limit)."""
        self._require_timeout(limit_s)
        await self.hold_async(self._head_s, limit_s)
        self._begin()

    def hold(self, seconds: float, limit_s: float | None) -> None:
        """One wait of the client. Raises TooLate when it is longer than the client's read timeout."""
        if seconds > 0 or not self._pace.is_virtual:
            try:
                self._pace.wait(self._clock, self._advance(seconds, limit_s))
            except UnseenDeadline as error:
                self._leave(error)
                raise
        self._check_limit(seconds, limit_s)

    async def hold_async(self, seconds: float, limit_s: float | None) -> None:
        """Spend `seconds`, at most `limit_s`; a cancelled task ends the response as left early."""
        try:
            await self._pace.await_(self._clock, self._advance(seconds, limit_s))
        except BaseException as error:  # the task was cancelled: the client has left
            self._leave(error)
            raise
        self._check_limit(seconds, limit_s)

    def sent(self, piece: bytes) -> bytes:
        """Count `piece` as received by the client, and return it."""
        self._sent_bytes += len(piece)
        return piece

    def end_body(self) -> None:
        """The last byte of the playback was read."""
        self.end("read_all" if self.playback.is_whole else "broken_on_purpose")

    def end(self, ending: DeliveryEnding) -> None:
        """Report to the world; only the first ending counts."""
        if self._is_over:
            return
        self._is_over = True
        begun_s = self._at_s if self._first_byte_s is None else self._first_byte_s
        has_head = self._first_byte_s is not None and self.playback.has_head
        delay_s, sending_s = max(0.0, begun_s - self._arrived_s), max(0.0, self._at_s - begun_s)
        facts = Delivered(delay_s, ending, self._sent_bytes, has_head, sending_s, self._ended_s() - begun_s - sending_s)
        self._world.delivered(self._reply, facts)

    def _ended_s(self) -> float:
        """When the client had the answer. The mock computes before the head; a client may close long after it."""
        clock_s = self._clock.now_s() if self._clock_at_head_s is None else self._clock_at_head_s
        return max(self._at_s, clock_s)

    def _begin(self) -> None:
        self._first_byte_s, self._clock_at_head_s = self._at_s, self._clock.now_s()
        if not self.playback.has_head:
            self.end("broken_on_purpose")

    def _leave(self, error: BaseException) -> None:
        self._at_s = min(self._at_s, self._clock.now_s())
        self.end("left_early")
        if isinstance(error, UnseenDeadline):
            self._missing_timeouts.append(error)

    def _advance(self, seconds: float, limit_s: float | None) -> float:
        self._at_s += seconds if limit_s is None else min(seconds, limit_s)
        return self._at_s

    def _check_limit(self, seconds: float, limit_s: float | None) -> None:
        if limit_s is not None and seconds > limit_s:
            self.end("left_early")
            raise TooLate(limit_s)

    def _require_timeout(self, limit_s: float | None) -> None:
        """In virtual time a hang without a read timeout has no end that a test could observe."""
        if limit_s is not None or not self.playback.hang_s or not self._pace.is_virtual:
            return
        self._at_s += self._head_s
        self.end("broken_on_purpose")
        error = MissingTimeout(
            f"the response hangs and {self._client} has no read timeout: in production this call would wait for ever. "
            f"Set one ({HINTS[self._client]}). If something else bounds the call, such as asyncio.wait_for, use "
            f"real_time=True."
        )
        self._missing_timeouts.append(error)
        raise error
