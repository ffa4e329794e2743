"""Evidence and Finding: what the audits read, and what they yield.

Evidence is the journal of one scope, its calls grouped into attempts at the same request. Every finding names the
calls that prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.model import CodeRow

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour of the client: what was seen, the calls that prove it, and how to fix the client."""

    name: str
    severity: Severity
    seen: str
    fix: str
    calls: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return asdict(self) | {"mend": self.fix, "calls": list(self.calls)}  # the old name of `fix`

    def __str__(self) -> str:
        return f"{self.severity} {self.name}: {self.seen}\n    fix: {self.fix}\n    calls: {', '.join(self.calls)}"


SHOWN_CALLS = 10
"""How many calls of one kind of finding are listed by id."""


def lines_of(findings: Iterable[Finding]) -> list[str]:
    """The findings as text, those of one kind together: the first one, how many there are, and their calls."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.name, each.severity), []).append(each)
    return [_line_of(group) for group in groups.values()]


def _line_of(group: Sequence[Finding]) -> str:
    first, calls = group[0], tuple(dict.fromkeys(call for each in group for call in each.calls))
    if len(group) == 1:
        return str(first)
    left = len(calls) - SHOWN_CALLS
    listed = ", ".join(calls[:SHOWN_CALLS]) + (f" and {left} more" if left > 0 else "")
    counted = f"{first.severity} {first.name}, {len(group)} times: first: {first.seen}"
    return f"{counted}\n    fix: {first.fix}\n    calls: {listed}"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that the wire does not answer, the calls that raise it, and the statements that settle it: what the
    app may have shown."""

    question: str
    showed: tuple[str, ...]
    calls: tuple[str, ...]

    @property
    def settle(self) -> str:
        """The statement in Python."""
        return f'volcv.app_showed("{self.showed[0]}")' + self._others()

    @property
    def settle_http(self) -> str:
        """The statement over HTTP."""
        return f'POST /_mock/app-showed {{"showed": "{self.showed[0]}"}}' + self._others()

    def _others(self) -> str:
        return "".join(f', or "{each}"' for each in self.showed[1:])

    def to_dict(self) -> dict[str, Any]:
        """The question as the control API has it: with the way to settle it over HTTP."""
        return {"question": self.question, "settle": self.settle_http, "calls": list(self.calls)}

    def __str__(self) -> str:
        return f"not observable: {self.question}\n    to settle it: {self.settle}\n    calls: {', '.join(self.calls)}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The calls of one scope, oldest first. `reads` counts fetches of a picture. `shown` maps a call id to what the
    test stated that the app showed."""

    calls: Sequence[Entry]
    reads: Callable[[str], int]
    shown: Mapping[str, str] = field(default_factory=dict)

    def attempts(self) -> Iterator[Sequence[Entry]]:
        """The calls, grouped by request: equal endpoint, method and body."""
        groups: dict[str, list[Entry]] = {}
        for call in self.calls:
            groups.setdefault(call.attempt, []).append(call)
        return iter(groups.values())

    def retries(self) -> Iterator[tuple[Entry, Entry]]:
        """Pairs of a call and the next attempt at the same request."""
        for group in self.attempts():
            yield from pairwise(group)


def polls_of(evidence: Evidence) -> Iterator[Sequence[Entry]]:
    """The polls of each task: the calls that asked for its result, oldest first."""
    tasks: dict[str, list[Entry]] = {}
    for call in evidence.calls:
        if call.step == "result" and call.task_id:
            tasks.setdefault(call.task_id, []).append(call)
    return iter(tasks.values())


def polls_after(polls: Sequence[Entry], is_final: Callable[[Entry], bool]) -> Sequence[Entry]:
    """The first poll whose answer was received and final, and the equal polls after it."""
    first = next((poll for poll in polls if was_seen(poll) and is_final(poll)), None)
    if first is None:
        return ()
    return [poll for poll in polls[polls.index(first) :] if poll.attempt == first.attempt]


Audit = Callable[[Evidence], Iterable[Finding]]
"""One kind of finding: yields what the evidence proves."""


def was_seen(call: Entry) -> bool:
    """Whether the client received the response. A response broken on the wire carries no code."""
    return call.has_arrived


def row_of(call: Entry) -> CodeRow:
    """The row of the code table that answered the call."""
    return contract.row(call.row)


def asks_to_wait(call: Entry) -> bool:
    """Whether the response was 429: rate or concurrency exceeded (50429, 50430)."""
    return was_seen(call) and row_of(call).http_status == 429


def may_pass_later(call: Entry) -> bool:
    """Whether the same request may succeed later: too many requests at once, or a failure of the service."""
    row = row_of(call)
    return was_seen(call) and row.retryable is True and (row.http_status == 429 or row.http_status >= 500)


def code_of(call: Entry) -> str:
    """The code of a call in the text of a finding: the one of the table, also where a reseller sent its own."""
    return call.row if call.code is None or call.is_passed_on else str(call.code)


def named(call: Entry) -> str:
    """A call in the text of a finding: its code and operation."""
    return f"{code_of(call)} ({call.message}) for {call.req_key or call.action or call.method}"


def ids(calls: Iterable[Entry]) -> tuple[str, ...]:
    """The ids of the calls, in their order."""
    return tuple(call.id for call in calls)
