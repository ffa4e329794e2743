"""One call as the journal reports it: what arrived, what the mock decided, and what the client received.

An Entry is plain data that JSON can hold: no picture bytes, no key in clear, every text of the client
cut to a bounded length. entry_of_call.py makes them; the journal keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, fields
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from volcv_mock._util.frozen import mutable
from volcv_mock.delivery import Delivered
from volcv_mock.http.endpoints import ENDPOINTS
from volcv_mock.journal.packing import packed, unpacked
from volcv_mock.model import Painted, Picture

WAITING, WHOLE = "waiting", "whole"
ARRIVED = ("read_all", "broken_on_purpose")
"""Endings of a delivery in which every byte was sent; a fault that breaks an answer is named in `delivered` before."""
CUT_OFF = ("left_early", "timed_out", "shut_down")
USUAL_PATHS: Mapping[str, str] = {endpoint: path or "/" for path, endpoint in ENDPOINTS.items()}
"""The path of a call by its endpoint, unless the client or its base URL has another."""
NO_HEAD = ("reset", "empty", "hang")
"""The wire faults that send no status line."""


@mutable
class Entry:
    """One call. Times are seconds of the scope's clock. `sources` carries the pictures to the journal, which drops it.

    `status` and `code` are what the client received: None when no status line, or no readable answer, reached it.
    `decided_status` and `decided_code` are what the mock decided; `row`, `message` and `algorithm_status` belong to
    them. `delivered` says why the two differ: the name of a fault, or how the delivery ended. If it is "whole" they
    are the same, unless a reseller put its own error around the one that was decided (`is_passed_on`). While it is
    "waiting" the answer is expected to arrive as decided.

    `step` is that of the Action. `task_id` is the task of a submit, a result or a cancel, `task_status` its status as
    answered.

    `delay_s` are the real seconds to the first byte, `sending_s` those from there to the last: None until the delivery
    is over.

    `client` is "waiting" until the delivery is over, then how it ended. `attempt` is the request's digest: calls with
    an equal one are attempts at the same request, and `retry` links them.

    `path` is the one that was requested, without the query, and with what may be a credential in it masked.

    `trace` is the client's trace (id, parent, sampled), when the request has a `traceparent`.
    """

    id: str
    number: int
    scope: str
    time_s: float
    endpoint: str
    method: str
    remote: str
    scheme: str
    host: str
    user_agent: str
    credential: str
    key: str
    action: str
    version: str
    req_key: str
    mode: str
    parameters: Mapping[str, Any]
    image_urls: Sequence[str]
    body_bytes: int
    pictures: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any] | None
    picture_id: str
    thumbnails: Sequence[str]
    problems: Sequence[Mapping[str, str]]
    notes: Sequence[str]
    fired: Sequence[Mapping[str, str]]
    status: int | None
    code: int | str | None
    delivered: str
    decided_status: int
    decided_code: int | None
    row: str
    message: str
    algorithm_status: int
    request_id: str
    attempt: str
    quota: Mapping[str, Any]
    retry_after_s: str
    wire: str
    planned_delay_s: float
    retry: Mapping[str, Any] | None = None
    delay_s: float | None = None
    client: str = "waiting"
    sent_bytes: int = 0
    step: str = ""
    task_id: str = ""
    task_status: str = ""
    trace: Mapping[str, Any] | None = None
    sending_s: float | None = None
    path: str = ""
    sources: tuple[Picture | Painted, ...] = field(default=(), repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The entry as JSON has it. `door` and a problem's `mend` are the old names of `endpoint` and `fix`; both
        are kept for this version."""
        found: dict[str, Any] = dict(zip(NAMES, _members(self), strict=True))
        problems = [{**problem, "mend": problem["fix"]} for problem in self.problems]
        return {**found, "door": self.endpoint, "problems": problems}

    @property
    def time(self) -> str:
        """`time_s` as text: derived, so that only who reads an entry spends the time."""
        return iso(self.time_s)

    def packed(self) -> bytes:
        """The entry as it is kept: its values without their names, an eighth of what it weighs as an object, and
        without the usual path of its endpoint."""
        is_usual = self.path == USUAL_PATHS.get(self.endpoint)
        return packed(_kept_but_path(self) if is_usual else _kept(self))

    @classmethod
    def unpacked(cls, data: bytes) -> Entry:
        """The entry of `packed` bytes. Raises ValueError for other bytes."""
        members = unpacked(data)
        if isinstance(members, list) and len(members) == len(_KEPT) - 1:
            members.append(USUAL_PATHS.get(str(members[_ENDPOINT]), ""))
        if not isinstance(members, list) or len(members) != len(_KEPT):
            raise ValueError("these bytes are no entry of this version")
        return cls(*members)

    def end(self, facts: Delivered) -> Entry:
        """Add how the delivery ended, and correct what the client received."""
        self.delay_s, self.sending_s = round(facts.delay_s, 6), round(facts.sending_s, 6)
        self.client, self.sent_bytes = facts.ending, facts.sent_bytes
        if self.delivered == WAITING:
            self.delivered = WHOLE if facts.ending in ARRIVED else facts.ending
        if not self.has_arrived:
            self.code = None
        if self.delivered in CUT_OFF and not facts.has_begun:
            self.status = None
        if self.wire in NO_HEAD and facts.has_begun:  # a foreign WSGI server cannot break off before its head
            self.status = self.decided_status
        return self

    @property
    def has_arrived(self) -> bool:
        """Whether the client received the answer as decided; while the call is in flight this is expected."""
        return self.delivered in (WAITING, WHOLE)

    @property
    def is_passed_on(self) -> bool:
        """Whether a reseller put its own error around the one that was decided."""
        return self.has_arrived and self.code != self.decided_code

    @property
    def trace_id(self) -> str:
        """The id of the client's trace, 32 hex digits; "" without one."""
        return self.trace["id"] if self.trace else ""

    @property
    def received_codes(self) -> tuple[int | str, ...]:
        """What the call may be found by: the code, its row's id, and the status inside a success (201304)."""
        if not self.has_arrived:
            return ()
        if self.is_passed_on:
            return tuple(filter(None, (self.code,)))
        return tuple(filter(None, (self.code, self.row, self.algorithm_status)))


_KEPT = tuple(each.name for each in fields(Entry) if each.name != "sources")
_kept, _kept_but_path = attrgetter(*_KEPT), attrgetter(*_KEPT[:-1])
"""`path` is the last member."""
_ENDPOINT = _KEPT.index("endpoint")
NAMES = tuple(shown for name in _KEPT for shown in (("time", name) if name == "time_s" else (name,)))
"""The members of an entry in JSON, in their order."""
_members = attrgetter(*NAMES)


def iso(epoch_s: float) -> str:
    """An instant as ISO 8601 in UTC, to the millisecond; empty when no calendar has it."""
    try:
        second, microsecond = divmod(round(epoch_s * 1_000_000), 1_000_000)
        return f"{_iso_second(second)}.{microsecond // 1000:03d}Z"
    except (ValueError, OverflowError, OSError):
        return ""


@lru_cache(maxsize=16)
def _iso_second(epoch_s: int) -> str:
    """Without the fraction; kept, because calls of one second share it."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat()[:19]
