"""A scope: the part of a World that parallel tests must not share. Which scope a request belongs to."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from volcv_mock.config import Settings
from volcv_mock.model import Headers, RawRequest, header_of
from volcv_mock.signing.keys import SCOPE_KEY
from volcv_mock.simulation import draws
from volcv_mock.simulation.latency import LatencyModel
from volcv_mock.simulation.quotas import QuotaSettings

if TYPE_CHECKING:
    from volcv_mock.state import Arrival
    from volcv_mock.state.acts import State
    from volcv_mock.state.acts_of_scope import ScopeState

DEFAULT_SCOPE = "default"
SCOPE_HEADER = "x-volcv-mock-scope"
_SCOPE_OF_KEY = re.compile(rf"bearer\s+{SCOPE_KEY}([A-Za-z0-9_.-]{{1,64}})\s*$", re.IGNORECASE)
SCOPE_NAME = re.compile(r"[A-Za-z0-9_.\[\]:/-]{1,128}")


class Scope:
    """One scope, isolated from other scopes: its state, and what the settings make of it."""

    def __init__(self, name: str, settings: Settings, state: ScopeState) -> None:
        self.name = name
        self.clock = state.clock
        self.rules = state.rules
        self.quotas = state.quotas
        self._state = state
        self._apply(settings)
        state.begin(self._specs, self._digest)

    def configure(self, settings: Settings) -> None:
        """Apply settings, at start or after the file was reloaded; clock, counters and other rules are kept."""
        self._apply(settings)
        self.take_file()

    def _apply(self, settings: Settings) -> None:
        """What each process does for itself."""
        self._settings = settings
        self._usual_latency = LatencyModel.parse(settings.latency)
        self.rules.modes = settings.modes
        self.quotas.change(_quota_settings(settings))
        self._specs = settings.faults if self.name == DEFAULT_SCOPE else ()
        self._digest = draws.digest(repr(self._specs), repr(settings.latency)).hex()

    def take_file(self) -> None:
        """The rules of the settings, once for each content of the file in all processes."""
        self._state.take_file(self._specs, self._digest)

    @property
    def latency(self) -> LatencyModel:
        """The latency in force: what was set for this scope, else that of the settings."""
        return self._state.latency or self._usual_latency

    @latency.setter
    def latency(self, model: LatencyModel) -> None:
        self._state.set_latency(model)

    def refreshed(self) -> Scope:
        """The scope, with what other processes changed."""
        self._state.refresh()
        return self

    def take_turn(self, request: Hashable) -> int:
        """How often this request was replayed before."""
        return self._state.take_turn(request)

    def reset(self) -> None:
        """Restore the state that the settings define: rules, latency, real time, counters at zero."""
        self._state.restart()
        self.configure(self._settings)

    def arrive(self, digest: str) -> Arrival:
        """Count a call of this scope."""
        return self._state.arrive(digest, self._settings.remembered_requests)

    @staticmethod
    def arrive_all(state: State, calls: Sequence[tuple[Scope, str]]) -> list[Arrival]:
        """Count several calls, by their scopes and digests, in this order."""
        remembered = calls[0][0]._settings.remembered_requests
        return state.arrive([(scope._state, digest) for scope, digest in calls], remembered)

    def occurrence(self, digest: str) -> int:
        """How often this request was made in the scope since its last reset."""
        return self._state.occurrence(digest)


def scope_of(raw: RawRequest) -> str:
    """The scope that a request belongs to."""
    return raw.arrived.scope if raw.arrived else scope_in(raw.headers)


def scope_in(headers: Headers) -> str:
    """The scope named by the header, else by a key sk-scope-NAME, else the default scope."""
    named = header_of(headers, SCOPE_HEADER)
    if named and SCOPE_NAME.fullmatch(named):
        return named
    key = _SCOPE_OF_KEY.match(header_of(headers, "authorization") or "")
    return key[1] if key else DEFAULT_SCOPE


def _quota_settings(settings: Settings) -> QuotaSettings:
    return QuotaSettings(settings.requests_per_second, settings.in_flight, settings.retry_after_s)
