"""The acts of a state, as protocols: what the rest of the mock uses of it. For type checkers only.

Each method is one atomic step: two calls that arrive at once get two numbers, and a rule with `times: 1` fires for one
of them. Entries cross this border as JSON, never as pickles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from volcv_mock.delivery import Delivered, Writing
    from volcv_mock.journal.callbacks import CallbackEntry
    from volcv_mock.journal.entries import Entry
    from volcv_mock.journal.store import Found
    from volcv_mock.model import Fired, Painted, Picture
    from volcv_mock.recording.ledger import Budget
    from volcv_mock.state import Arrival, Write
    from volcv_mock.state.acts_of_scope import ScopeState
    from volcv_mock.tasks import Task
    from volcv_mock.upstream.difference_log import ComparedCall


class CallbackLog(Protocol):
    """The callbacks of tasks that are over."""

    def add(self, entry: CallbackEntry) -> None:
        """Add one."""

    def entries(self, scope: str, every: str = "*") -> tuple[CallbackEntry, ...]:
        """Those of a scope, oldest first."""

    def clear(self, scope: str, every: str = "*") -> None:
        """Drop those of a scope."""


class Statements(Protocol):
    """What tests stated that their apps showed."""

    def add(self, scope: str, calls: Iterable[str], what: str) -> None:
        """State `what` for calls of a scope; the first statement about a call stays."""

    def of_scope(self, scope: str) -> Mapping[str, str]:
        """The statements about the calls of a scope."""

    def clear(self, scope: str) -> None:
        """Drop those of a scope."""


class Differences(Protocol):
    """Where mock and upstream answered differently."""

    @property
    def compared(self) -> int:
        """How many calls were compared."""

    @property
    def differing(self) -> int:
        """How many of them differed."""

    def add(self, call: ComparedCall) -> None:
        """Count a comparison."""

    def of_scope(self, scope: str, every: str) -> list[ComparedCall]:
        """The calls of a scope that differed, oldest first."""

    def summary(self) -> str:
        """One line about all of them."""


class JournalActs(Protocol):
    """The journal of all scopes."""

    began: str
    """When the journal began, where that is known: seconds since 1970 as text."""

    @property
    def callbacks(self) -> CallbackLog:
        """The callbacks of tasks that are over."""

    @property
    def statements(self) -> Statements:
        """What tests stated that their apps showed."""

    @property
    def budget_bytes(self) -> int:
        """The most bytes of calls and thumbnails."""

    @property
    def held_bytes(self) -> int:
        """Their bytes now."""

    @property
    def evicted(self) -> int:
        """How many calls were evicted since the start."""

    @property
    def lost(self) -> int:
        """Of how many calls the end could not be written: they stay `waiting`, or become `lost` with their process."""

    @property
    def waiting(self) -> int:
        """How many calls of this process are decided and not delivered yet."""

    def prepare(self, sources: tuple[Picture | Painted, ...]) -> tuple[Hashable, ...]:
        """Make the thumbnails of a call that is opened later, without its pictures. Gives what to `release`."""

    def release(self, prepared: Iterable[Hashable]) -> None:
        """The call holds its thumbnails itself now, or is not opened."""

    def open(
        self, entry: Entry, arrival: Hashable = None, along: Sequence[Write] = (), *, may_wait: bool = False
    ) -> Writing | None:
        """Add a call, and what is written along with it, before the first byte of its answer: who has the answer can
        read the call. With `may_wait` the answer waits for what this returns, if anything."""

    def drop(self, arrival: Hashable) -> None:
        """Forget a call that could not be added, and is not answered as decided."""

    def close(self, arrival: Hashable, facts: Delivered) -> Entry | None:
        """Complete a call when its delivery is over; None when it is not open. Never waits."""

    def get(self, call_id: str) -> Entry | None:
        """A call by its id."""

    def last(self, scope: str = "default") -> Entry | None:
        """The newest call of a scope."""

    def entries(
        self,
        scope: str = "default",
        *,
        req_key: str | None = None,
        code: int | str | None = None,
        since: float | str | None = None,
        limit: int | None = None,
        trace: str | None = None,
    ) -> tuple[Entry, ...]:
        """The calls of a scope, oldest first."""

    def newest_first(
        self, scope: str = "default", since: float | str | None = None, before: str | None = None
    ) -> Iterator[Entry]:
        """The calls of a scope, newest first, each read when it is asked for."""

    def counted(self, scopes: Iterable[str]) -> Mapping[str, int]:
        """How many calls of each of these scopes are kept."""

    def thumbnail(self, call_id: str, role: str) -> bytes | None:
        """A small JPEG of a call's picture, mask or result."""

    def clear(self, scope: str = "*") -> int:
        """Remove the calls of a scope; returns how many."""


class Pictures(Protocol):
    """The pictures behind the links of `return_url`."""

    @property
    def held_bytes(self) -> int:
        """Bytes of the pictures."""

    def put(
        self, picture_id: str, data: bytes, expires_at_s: float, scope: str = "default",
        along: list[Write] | None = None,
    ) -> str:  # fmt: skip
        """Keep a picture, or add to `along` what keeps it when the call is opened."""

    def get(self, picture_id: str, query: Mapping[str, str], now_s: float) -> Found:
        """A picture by its id and the query of its link."""

    def held(self, picture_id: str) -> bytes | None:
        """The bytes of a picture, if they are still kept."""

    def url(self, base: str, picture_id: str, expires_at_s: float, kind: str = "jpeg") -> str:
        """The signed link to a picture."""

    def resolve(self, url: str, own_hosts: tuple[str, ...], now_s: Callable[[str], float]) -> bytes | None:
        """The picture behind a link of this mock; b"" when it is no longer good, None when the link is another's."""

    def scope_of(self, picture_id: str) -> str | None:
        """The scope whose clock decides."""

    def reads(self, picture_id: str) -> int:
        """How often a client fetched it."""

    def clear(self, scope: str | None = None) -> None:
        """Remove the pictures of a scope."""


class Tasks(Protocol):
    """The tasks of all scopes."""

    on_end: Callable[[], None]

    @property
    def budget_bytes(self) -> int:
        """The most bytes of input pictures."""

    @property
    def held_bytes(self) -> int:
        """Their bytes now."""

    def submit(self, task: Task) -> bool:
        """Keep a task; False when there is no room."""

    def take_awaited(self) -> Iterator[Task]:
        """The new tasks with a callback, each once in all processes."""

    def claims(self, task: Task) -> bool:
        """Whether this process may post the callback of a task. True for one of all processes, once."""

    def keep_called(self, task: Task) -> None:
        """Note what became of the callback of a task."""

    def find(self, scope: str, task_id: str) -> Task | None:
        """A task by its id."""

    def latest(self, scope: str, owner: bytes, digest: bytes) -> Task | None:
        """The newest task of an owner with that body."""

    def unfinished(self, scope: str, owner: bytes) -> int:
        """How many tasks of an owner are in_queue or generating."""

    def listed(self, scope: str = "*") -> tuple[Task, ...]:
        """The tasks of a scope, in the order of their submission."""

    def listing(self, scope: str) -> list[dict[str, Any]]:
        """The same as the control API shows them."""

    def cancel(self, task: Task) -> None:
        """Cancel a task that has not ended."""

    def finish(self, task: Task) -> None:
        """End a task now."""

    def fail(self, task: Task, fired: Fired) -> None:
        """End a task now with a code or fault as its result."""

    def keep_painted(self, task: Task, picture_id: str, number: int) -> None:
        """Note that a result is in the picture store."""

    def oldest_unpainted(self) -> Task | None:
        """The oldest task that is done and whose inputs are still needed."""

    def painting(self, task: Task) -> AbstractContextManager[None]:
        """One thread of this process paints a task."""

    def clear(self, scope: str = "*") -> None:
        """Remove the tasks of a scope."""


class State(Protocol):
    """The whole state of one mock."""

    @property
    def name(self) -> str:
        """Where it is kept, as health shows it."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may have the same state."""

    @property
    def differences(self) -> Differences:
        """What the mode `diff` found."""

    def check(self) -> None:
        """Raises StateUnavailable when it cannot be reached."""

    def arrive(self, calls: Sequence[tuple[Any, str]], remembered: int) -> list[Arrival]:
        """Count several calls, each of one of these scopes and with its digest, in this order."""

    def close(self) -> None:
        """End what it needs beside memory: connections and threads."""

    def ledger(self, limit: int, today: Callable[[], dt.date]) -> Budget | None:
        """The calls to the upstream, at most `limit` a day; None where only a file can count them."""

    def scope_names(self) -> tuple[str, ...]:
        """The scopes of other processes too."""

    @property
    def journal(self) -> JournalActs:
        """The calls."""

    @property
    def pictures(self) -> Pictures:
        """The pictures behind links."""

    @property
    def tasks(self) -> Tasks:
        """The tasks."""

    def scope(self, name: str) -> ScopeState:
        """A new scope of that name, or what other processes know of it."""
