"""The acts of a state on one scope, as protocols: its rules, quotas, clock and counters. For type checkers only.

Each method is one atomic step, as in acts.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from volcv_mock.faults.base import Stage
    from volcv_mock.injection import CallFacts, Injection
    from volcv_mock.injection.rules import Draws
    from volcv_mock.model import Mode
    from volcv_mock.simulation.clock import Clock
    from volcv_mock.simulation.latency import LatencyModel
    from volcv_mock.simulation.quotas import QuotaRefusal, QuotaSettings, Ticket
    from volcv_mock.state import Arrival


class Rules(Protocol):
    """The rules of a scope, in the order in which they were added."""

    modes: tuple[Mode, ...]

    def __len__(self) -> int: ...

    def add(self, spec: Mapping[str, Any], where: str = "$") -> dict[str, Any]:
        """Append a rule; returns its listing. It is in force for every call that arrives afterwards."""

    def add_all(self, specs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Append rules, by where they stand: no call finds some of them and not the others."""

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; False when there is none of that id."""

    def clear(self) -> None:
        """Remove every rule."""

    def listing(self) -> list[dict[str, Any]]:
        """The rules with their counts."""

    def begin(self, facts: CallFacts, asked: tuple[Injection, ...] = ()) -> Draws:
        """The draws of one call."""

    def draw(self, stage: Stage, facts: CallFacts, settled: set[str], *, passes_only: bool = False) -> Injection | None:
        """The first rule that fires at a stage. Atomic over all rules: `skip`, `times` and sequences are exact."""


class QuotaUse(Protocol):
    """What each key of a scope has used."""

    @property
    def settings(self) -> QuotaSettings:
        """The limits in force."""

    def change(self, settings: QuotaSettings) -> None:
        """Other limits from now on."""

    def admit(
        self, key: str, arrived_s: float, now_s: float | None = None, unfinished: int = 0
    ) -> Ticket | QuotaRefusal:
        """A slot, or the quota that is used up. Atomic over one key."""

    def release(self, ticket: Ticket) -> None:
        """Free a slot; a second time changes nothing."""

    def in_flight(self, key: str) -> int:
        """The slots that a key holds."""

    def reset(self) -> None:
        """Empty the windows; calls in flight keep their slots."""


class ScopeState(Protocol):
    """The state of one scope."""

    @property
    def clock(self) -> Clock:
        """The scope's clock."""

    @property
    def rules(self) -> Rules:
        """The scope's rules."""

    @property
    def quotas(self) -> QuotaUse:
        """The scope's quotas."""

    def arrive(self, digest: str, remembered: int) -> Arrival:
        """Count a call. Atomic over the scope; of so many requests the repetitions are known."""

    def occurrence(self, digest: str) -> int:
        """How often this request arrived since the last `restart`; counts nothing."""

    def take_turn(self, request: Hashable) -> int:
        """How often this request was replayed before; counts one more."""

    def restart(self) -> None:
        """Every counter at zero, the clock at real time, no rules."""

    @property
    def latency(self) -> LatencyModel | None:
        """The latency that was set for this scope; None while that of the settings applies."""

    def set_latency(self, model: LatencyModel) -> None:
        """Set it, until the next restart."""

    def begin(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """This process sees the scope for the first time. Never waits."""

    def take_file(self, specs: Sequence[Mapping[str, Any]], digest: str) -> None:
        """The rules of the settings, in place of earlier ones; once for each `digest` in all processes."""

    def refresh(self) -> None:
        """Read what other processes changed."""
