"""Questions to the journal: which calls were like this, and if none was, which came closest and where it differs.

A question names fields of a call, or parameters of its request, and what each should be: a value, a
pair (least, most), a regular expression, or a function that says yes or no.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.journal.log import line

AREA_TOLERANCE = 0.01
"""How near a mask's share of white must be to a number that was asked for: one per cent of the picture."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: everything of its journal entry, and the answers to the usual questions."""

    entry: Entry

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entry, name)

    @property
    def prompt(self) -> str:
        """The text that steers the picture, whatever the operation calls its field."""
        return str(self.entry.parameters.get("custom_prompt") or self.entry.parameters.get("prompt") or "")

    @property
    def mask_area(self) -> float | None:
        """The share of the mask that is white, None without a mask."""
        return next((each.get("area") for each in self.entry.pictures if each["role"] == "mask"), None)

    @property
    def injection(self) -> tuple[str, ...]:
        """The names of codes and faults that were asked for and struck."""
        return tuple(each["name"] for each in self.entry.fired)

    trouble = injection
    """The old name of `injection`."""

    @property
    def http_status(self) -> int:
        return self.entry.status

    @property
    def elapsed_s(self) -> float:
        """What the client waited for the first byte, in the mock's time."""
        return self.entry.planned_delay_s if self.entry.delay_s is None else self.entry.delay_s

    def __str__(self) -> str:
        return line(self.entry)


Ask = Callable[[Call], Any]

FIELDS: Mapping[str, Ask] = {
    "req_key": lambda call: call.entry.req_key,
    "code": lambda call: (call.entry.code, call.entry.algorithm_status or call.entry.code, call.entry.row),
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
    "action": lambda call: call.entry.action,
    "credential": lambda call: call.entry.credential,
    "client": lambda call: call.entry.client,
    "user_agent": lambda call: call.entry.user_agent,
}
"""What may be asked of a call, beside the parameters of its request. A tuple agrees when one of it does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a question put to one call."""

    name: str
    wanted: Any
    found: Any
    agrees: bool

    def __str__(self) -> str:
        found = self.found[0] if self.name == "code" else self.found
        return f"  {self.name:<16} {found!r:<32} " + ("as wanted" if self.agrees else f"wanted {_shown(self.wanted)}")


class Calls(Sequence[Call]):
    """Calls, oldest first. It is a snapshot: ask the mock again for later ones.

    `lost` says how many older ones the journal had no room for.
    """

    def __init__(self, entries: Sequence[Entry] | Sequence[Call], lost: int = 0) -> None:
        self.lost = lost
        self._calls = tuple(each if isinstance(each, Call) else Call(each) for each in entries)

    @overload
    def __getitem__(self, index: int) -> Call: ...

    @overload
    def __getitem__(self, index: slice) -> Calls: ...

    def __getitem__(self, index: int | slice) -> Call | Calls:
        return Calls(self._calls[index]) if isinstance(index, slice) else self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @property
    def first(self) -> Call:
        return self._one(0)

    @property
    def last(self) -> Call:
        return self._one(-1)

    def where(self, **wanted: Any) -> Calls:
        """Those that agree with every field. Raises TypeError for a field that is none."""
        _check_names(wanted)
        return Calls([call for call in self if all(each.agrees for each in differences(call, wanted))])

    def assert_any(self, times: int | None, wanted: Mapping[str, Any]) -> None:
        """At least one such call, or exactly `times`; AssertionError tells the closest."""
        found = self.where(**wanted)
        if self.lost and times is not None:
            raise AssertionError(f"how many calls there were cannot be told: {_lost(self.lost)}")
        if len(found) == times or (times is None and found):
            return
        raise AssertionError(_failure(self, found, times, wanted))

    def __str__(self) -> str:
        lost = [_lost(self.lost)] if self.lost else []
        return "\n".join([*lost, *map(str, self)]) or "no calls"

    def _one(self, index: int) -> Call:
        if not self._calls:
            raise LookupError("no call was recorded: the client made none, or not through this mock")
        return self._calls[index]


def differences(call: Call, wanted: Mapping[str, Any]) -> list[Difference]:
    return [_difference(call, name, value) for name, value in wanted.items()]


def _difference(call: Call, name: str, wanted: Any) -> Difference:
    found = FIELDS[name](call) if name in FIELDS else call.entry.parameters.get(name)
    candidates = found if isinstance(found, tuple) and not callable(wanted) else (found,)
    return Difference(name, wanted, found, any(_agrees(name, each, wanted) for each in candidates) or found == wanted)


def _agrees(name: str, found: Any, wanted: Any) -> bool:
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


def parameters() -> tuple[str, ...]:
    """The parameters of all operations, by their names on the wire."""
    names = {name: None for each in contract.operations().values() for mode in each.modes
             for name in contract.defaults(each.req_key, mode)}  # fmt: skip
    return tuple(name for name in (*names, "custom_prompt") if name not in FIELDS)


def _lost(number: int) -> str:
    return f"{number} older calls have left the journal; give it room with journal_bytes, or reset() in between"


def _failure(calls: Calls, found: Calls, times: int | None, wanted: Mapping[str, Any]) -> str:
    asked = ", ".join(f"{name}={_shown(value)}" for name, value in wanted.items()) or "any call"
    override = "at least once" if times is None else f"{times} times"
    head = f"wanted {asked} {override}; found {len(found)} of {len(calls)} calls."
    if calls.lost:
        head = f"{head} {_lost(calls.lost)}."
    if found:
        return "\n".join([head, *map(str, found)])
    closest = _closest(calls, wanted)
    if closest is None:
        return head
    told = [f"The closest is call {closest.entry.number}:", *map(str, differences(closest, wanted)), str(closest)]
    return "\n".join([head, *told])


def _closest(calls: Calls, wanted: Mapping[str, Any]) -> Call | None:
    """The call with the most fields as wanted; of equals the latest."""
    return max(reversed(calls), key=lambda call: sum(each.agrees for each in differences(call, wanted)), default=None)


def _shown(value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/"
    return getattr(value, "__name__", repr(value)) if callable(value) else repr(value)
