"""Queries of the journal: which calls match, and if none does, which call is closest and where it differs.

A query names fields of a call or parameters of its request, and for each the wanted value: a value, a pair
(minimum, maximum), a regular expression, or a predicate function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, overload

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.journal.log import line

AREA_TOLERANCE = 0.01
"""How far the white share of a mask may differ from a wanted number: one per cent of the picture."""


Value = TypeVar("Value")


class _Of(Generic[Value]):
    """An attribute of the entry, with its type."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, call: None, owner: type) -> Self: ...

    @overload
    def __get__(self, call: JournalCall, owner: type) -> Value: ...

    def __get__(self, call: JournalCall | None, owner: type) -> Value | Self:
        if call is None:
            return self
        found: Value = getattr(call.entry, self._name)
        return found


@dataclass(frozen=True, slots=True)
class JournalCall:
    """One call of the journal: every attribute of its entry, which explains them, and derived values."""

    entry: Entry

    id = _Of[str]()
    number = _Of[int]()
    scope = _Of[str]()
    time = _Of[str]()
    time_s = _Of[float]()
    endpoint = _Of[str]()
    method = _Of[str]()
    remote = _Of[str]()
    scheme = _Of[str]()
    host = _Of[str]()
    path = _Of[str]()
    user_agent = _Of[str]()
    credential = _Of[str]()
    key = _Of[str]()
    action = _Of[str]()
    version = _Of[str]()
    req_key = _Of[str]()
    mode = _Of[str]()
    parameters = _Of[Mapping[str, Any]]()
    image_urls = _Of[Sequence[str]]()
    body_bytes = _Of[int]()
    pictures = _Of[Sequence[Mapping[str, Any]]]()
    result = _Of[Mapping[str, Any] | None]()
    picture_id = _Of[str]()
    thumbnails = _Of[Sequence[str]]()
    problems = _Of[Sequence[Mapping[str, str]]]()
    notes = _Of[Sequence[str]]()
    fired = _Of[Sequence[Mapping[str, str]]]()
    status = _Of[int | None]()
    code = _Of[int | str | None]()
    delivered = _Of[str]()
    decided_status = _Of[int]()
    decided_code = _Of[int | None]()
    row = _Of[str]()
    message = _Of[str]()
    algorithm_status = _Of[int]()
    request_id = _Of[str]()
    attempt = _Of[str]()
    quota = _Of[Mapping[str, Any]]()
    retry_after_s = _Of[str]()
    wire = _Of[str]()
    planned_delay_s = _Of[float]()
    retry = _Of[Mapping[str, Any] | None]()
    delay_s = _Of[float | None]()
    client = _Of[str]()
    sent_bytes = _Of[int]()
    step = _Of[str]()
    task_id = _Of[str]()
    task_status = _Of[str]()
    trace = _Of[Mapping[str, Any] | None]()
    sending_s = _Of[float | None]()
    has_arrived = _Of[bool]()
    is_passed_on = _Of[bool]()
    trace_id = _Of[str]()
    received_codes = _Of[tuple[int | str, ...]]()

    def to_dict(self) -> dict[str, Any]:
        """The entry as JSON has it."""
        return self.entry.to_dict()

    @property
    def prompt(self) -> str:
        """The text that steers the picture, whatever the operation calls its field."""
        return str(self.entry.parameters.get("custom_prompt") or self.entry.parameters.get("prompt") or "")

    @property
    def mask_area(self) -> float | None:
        """The share of the mask that is white, 0 to 1; None without a mask."""
        return next((each.get("area") for each in self.entry.pictures if each["role"] == "mask"), None)

    @property
    def injection(self) -> tuple[str, ...]:
        """The names of the codes and faults that were applied."""
        return tuple(each["name"] for each in self.entry.fired)

    trouble = injection
    """The old name of `injection`, kept for this version."""

    @property
    def http_status(self) -> int | None:
        """What the client received; None when no status line reached it."""
        return self.entry.status

    @property
    def elapsed_s(self) -> float:
        """Seconds that the client waited for the first byte, on the clock of the mock."""
        return self.entry.planned_delay_s if self.entry.delay_s is None else self.entry.delay_s

    def __str__(self) -> str:
        return line(self.entry)


Getter = Callable[[JournalCall], Any]

FIELDS: Mapping[str, Getter] = {
    "req_key": lambda call: call.entry.req_key,
    "code": lambda call: call.entry.received_codes or (None,),
    "decided_code": lambda call: (call.entry.decided_code, call.entry.algorithm_status, call.entry.row),
    "delivered": lambda call: call.entry.delivered,
    "http_status": lambda call: call.entry.status,
    "prompt": lambda call: call.prompt,
    "mask_area": lambda call: call.mask_area,
    "injection": lambda call: call.injection,
    "trouble": lambda call: call.injection,  # the old name of "injection"
    "mode": lambda call: call.entry.mode,
    "endpoint": lambda call: call.entry.endpoint,
    "door": lambda call: call.entry.endpoint,  # the old name of "endpoint"
    "scheme": lambda call: call.entry.scheme,
    "host": lambda call: call.entry.host,
    "path": lambda call: call.entry.path,
    "step": lambda call: call.entry.step,
    "task_id": lambda call: call.entry.task_id,
    "task_status": lambda call: call.entry.task_status,
    "action": lambda call: call.entry.action,
    "credential": lambda call: call.entry.credential,
    "client": lambda call: call.entry.client,
    "user_agent": lambda call: call.entry.user_agent,
}
"""The fields of a query, besides the parameters of the request. Of a tuple one value must match."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of a query, compared with one call."""

    name: str
    wanted: Any
    found: Any
    matches: bool

    def __str__(self) -> str:
        found = self.found[0] if self.name in ("code", "decided_code") else self.found
        return f"  {self.name:<16} {found!r:<32} " + ("as wanted" if self.matches else f"wanted {_shown(self.wanted)}")


class Calls(Sequence[JournalCall]):
    """Calls, oldest first: a snapshot. `evicted` is the number of older calls that the journal has evicted."""

    def __init__(
        self,
        entries: Sequence[Entry] | Sequence[JournalCall],
        evicted: int = 0,
        elsewhere: Callable[[], str] = str,
    ) -> None:
        self.evicted = evicted
        self._elsewhere = elsewhere
        self._calls = tuple(each if isinstance(each, JournalCall) else JournalCall(each) for each in entries)

    @overload
    def __getitem__(self, index: int) -> JournalCall: ...

    @overload
    def __getitem__(self, index: slice) -> Calls: ...

    def __getitem__(self, index: int | slice) -> JournalCall | Calls:
        return Calls(self._calls[index]) if isinstance(index, slice) else self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[JournalCall]:
        return iter(self._calls)

    @property
    def first(self) -> JournalCall:
        """The oldest call. Raises LookupError when there is none."""
        return self._one(0)

    @property
    def last(self) -> JournalCall:
        """The newest call. Raises LookupError when there is none."""
        return self._one(-1)

    def where(self, **wanted: Any) -> Calls:
        """The calls that match every field. Raises TypeError for an unknown field."""
        _check_names(wanted)
        return Calls([call for call in self if all(each.matches for each in differences(call, wanted))])

    def assert_matching(self, times: int | None, wanted: Mapping[str, Any]) -> None:
        """Assert at least one matching call, or exactly `times`. The AssertionError shows the closest call."""
        __tracebackhide__ = True
        found = self.where(**wanted)
        _check_req_key(self, wanted.get("req_key"))
        if self.evicted and times is not None:
            raise AssertionError(f"the number of calls is unknown: {_evicted_text(self.evicted)}")
        if len(found) == times or (times is None and found):
            return
        raise AssertionError(_failure(self, found, times, wanted, self._elsewhere()))

    def __str__(self) -> str:
        evicted = [_evicted_text(self.evicted)] if self.evicted else []
        return "\n".join([*evicted, *map(str, self)]) or "no calls"

    def _one(self, index: int) -> JournalCall:
        if not self._calls:
            raise LookupError("no call was recorded: the client made none, or did not call this mock")
        return self._calls[index]


def differences(call: JournalCall, wanted: Mapping[str, Any]) -> list[FieldDifference]:
    """Each wanted field beside what the call has, matching or not, in the order asked."""
    return [_difference(call, name, value) for name, value in wanted.items()]


def _difference(call: JournalCall, name: str, wanted: Any) -> FieldDifference:
    found = FIELDS[name](call) if name in FIELDS else call.entry.parameters.get(name)
    candidates = found if isinstance(found, tuple) and not callable(wanted) else (found,)
    return FieldDifference(
        name, wanted, found, any(_value_matches(name, each, wanted) for each in candidates) or found == wanted
    )


def _value_matches(name: str, found: Any, wanted: Any) -> bool:
    if callable(wanted):
        return bool(wanted(found))
    if isinstance(wanted, re.Pattern):
        return isinstance(found, str) and wanted.search(found) is not None
    if isinstance(wanted, tuple) and len(wanted) == 2 and isinstance(found, int | float):
        return bool(wanted[0] <= found <= wanted[1])
    if name == "mask_area" and isinstance(found, float) and isinstance(wanted, int | float):
        return abs(found - wanted) <= AREA_TOLERANCE
    return bool(found == wanted)


def _check_names(wanted: Mapping[str, Any]) -> None:
    known = (*FIELDS, *parameters())
    for name in wanted:
        if name not in known:
            near = contract.nearest(name, known)
            hint = f" Did you mean {near!r}?" if near else ""
            raise TypeError(f"unknown field {name!r}; permitted: {', '.join(known)}.{hint}")


def _check_req_key(calls: Calls, wanted: Any) -> None:
    """Raises ValueError for a req_key that is a known one misspelt, and that no call has: it would never match."""
    known = contract.operations()
    if not isinstance(wanted, str) or wanted in known or any(call.req_key == wanted for call in calls):
        return
    near = contract.nearest(wanted, known)
    if near:
        raise ValueError(f"unknown req_key {wanted!r}; permitted: {', '.join(known)}. Did you mean {near!r}?")


def parameters() -> tuple[str, ...]:
    """The parameters of all operations, by their names on the wire."""
    names = {name: None for each in contract.operations().values() for mode in each.modes
             for name in contract.defaults(each.req_key, mode)}  # fmt: skip
    return tuple(name for name in (*names, "custom_prompt") if name not in FIELDS)


def _evicted_text(number: int) -> str:
    return f"{number} older calls were evicted from the journal; raise journal_bytes, or call reset() between tests"


def _failure(calls: Calls, found: Calls, times: int | None, wanted: Mapping[str, Any], elsewhere: str) -> str:
    query = ", ".join(f"{name}={_shown(value)}" for name, value in wanted.items()) or "any call"
    count = "at least once" if times is None else f"{times} times"
    head = f"wanted {query} {count}; found {len(found)} of {len(calls)} calls."
    if calls.evicted:
        head = f"{head} {_evicted_text(calls.evicted)}."
    if elsewhere:
        head = f"{head} {elsewhere[0].upper()}{elsewhere[1:]}."
    if found:
        return "\n".join([head, *map(str, found)])
    closest = _closest(calls, wanted)
    if closest is None:
        return head
    lines = [f"The closest is call {closest.entry.number}:", *map(str, differences(closest, wanted)), str(closest)]
    return "\n".join([head, *lines])


def _closest(calls: Calls, wanted: Mapping[str, Any]) -> JournalCall | None:
    """The call with the most matching fields; among equals the latest."""
    return max(reversed(calls), key=lambda call: sum(each.matches for each in differences(call, wanted)), default=None)


def _shown(value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/"
    return getattr(value, "__name__", repr(value)) if callable(value) else repr(value)
