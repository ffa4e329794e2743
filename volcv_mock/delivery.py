"""What leaves the mock: a reply and how it is delivered, and a request to the upstream with what comes back.

The frozen dataclasses that the last stages make and transports play. What leads to them stands in model.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from threading import Lock
from typing import BinaryIO, Literal

from volcv_mock._util.frozen import frozen, mutable
from volcv_mock.model import Fetched, Headers, Problem


@frozen
class WireFault:
    """A fault below HTTP, applied by the transport (http/playback.py). `duration_s` is the length of a drip or hang."""

    name: Literal["reset", "empty", "truncate", "drip", "hang", "bad_length"]
    duration_s: float = 0.0


@mutable
class Outgoing:
    """A request as it is sent to the upstream: `url` absolute, `headers` without Content-Length.

    The body is taken once: after the upload nothing holds it. A large one lies in a file (upstream/spool.py).
    """

    method: str
    url: str
    headers: Headers = field(repr=False)
    body: bytes | BinaryIO = field(repr=False)
    body_bytes: int = 0

    def take_body(self) -> bytes | BinaryIO:
        """The body, which this object then no longer holds."""
        body, self.body = self.body, b""
        return body


@frozen
class Incoming:
    """What came back from the upstream after `elapsed_s` seconds: a response, or the Problem that prevented one.

    `is_sent` is False where there was no connection: such a call costs nothing."""

    status: int = 0
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    elapsed_s: float = 0.0
    problem: Problem | None = None
    pictures: Mapping[str, Fetched] = field(default_factory=dict, repr=False)
    """The pictures behind the links of the answer, where they are recorded."""
    is_sent: bool = True


@frozen
class Forward:
    """A request to send to the upstream; `finish` turns what comes back into the reply, `abandon` ends the call.

    The transport sends it where waiting blocks nobody, and calls exactly one of the two.
    """

    request: Outgoing
    finish: Callable[[Incoming], Reply] = field(repr=False)
    abandon: Callable[[], None] = field(repr=False)
    links: Callable[[Incoming], tuple[str, ...]] | None = field(default=None, repr=False)
    """Which pictures to fetch first (World.fetch_links), None for none."""
    keeps_pictures: bool = False
    """Whether `finish` needs the pictures of the request: in the mode `diff` they stay in memory until then."""


@frozen
class DeliveryPlan:
    """How to deliver a reply: seconds from arrival to its first byte, and a fault on the wire."""

    delay_s: float = 0.0
    wire: WireFault | None = None


class Writing:
    """The journal entry of a reply, while it is written where other processes read it: no byte of the reply leaves
    before. Thread-safe."""

    __slots__ = ("_is_over", "_lock", "_waiting", "problem")

    def __init__(self) -> None:
        self._is_over = False
        self._waiting: list[Callable[[], object]] = []
        self._lock = Lock()
        self.problem = ""
        """Why it could not be written."""

    @property
    def is_over(self) -> bool:
        """Whether the entry is written, or has a `problem`."""
        return self._is_over

    def end(self, problem: str = "") -> None:
        """The entry is written, or why not."""
        with self._lock:
            self.problem, self._is_over = problem, True
            waiting, self._waiting = self._waiting, []
        for each in waiting:
            each()

    def when_over(self, function: Callable[[], object]) -> None:
        """Call a function once it is over, in the thread that writes; at once if it is."""
        with self._lock:
            if not self._is_over:
                self._waiting.append(function)
                return
        function()


@frozen
class Reply:
    """A reply to send. `body` is a tuple of chunks that is never joined, because identical replies share the largest.

    `due_at_s` is the time of the first byte on the scope's clock: arrival plus `plan.delay_s`. `arrival` is the
    number of the call in the journal; 0 for a reply without a journal entry, such as a preflight.
    `unreadable` names the fault that made the body something else than the decided JSON document. `code_sent` is the
    code in its place when a reseller put its own error around the decided one. `writing` is set while the journal
    entry is not written yet.
    """

    status: int
    headers: Headers = field(repr=False)
    body: tuple[bytes, ...] = field(repr=False)
    call_id: str = ""
    scope: str = "default"
    plan: DeliveryPlan = DeliveryPlan()
    due_at_s: float = 0.0
    arrival: int = field(default=0, compare=False)
    unreadable: str = ""
    code_sent: int | str | None = None
    writing: Writing | None = field(default=None, repr=False, compare=False)

    @property
    def size_bytes(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.body))

    def with_headers(self, more: Headers) -> Reply:
        """The same reply with more headers. dataclasses.replace would take three times as long."""
        return Reply(
            self.status, self.headers + more, self.body, self.call_id, self.scope, self.plan, self.due_at_s,
            self.arrival, self.unreadable, self.code_sent, self.writing,
        )  # fmt: skip


@frozen
class Delivered:
    """How delivery ended: the real delay in seconds, and what the client did.

    `sent_bytes` are those of the body, on every transport; `has_head` says whether the head of the response left.
    `sending_s` are the seconds from the first byte to the last: the pauses of a `drip`. `computing_s` is what passed
    besides until the client had its answer: inside an intercept the mock's computing is no part of the delay.
    """

    delay_s: float
    ending: Literal["read_all", "left_early", "broken_on_purpose", "timed_out", "shut_down"]
    sent_bytes: int = 0
    has_head: bool = False
    sending_s: float = 0.0
    computing_s: float = 0.0

    @property
    def ended_after_s(self) -> float:
        """Seconds from the arrival of the call to the end of its answer."""
        return self.delay_s + self.sending_s + self.computing_s

    @property
    def has_begun(self) -> bool:
        """Whether the client received anything."""
        return self.has_head or self.sent_bytes > 0
