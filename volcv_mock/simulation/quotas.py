"""Quotas per key: requests per second (50429) and requests in flight (50430), off unless set.

Time is an argument, so the scope's movable clock drives the window. The service documents no Retry-After; none is sent
unless `retry_after_s` is set. A refused request uses nothing: neither a place in the window nor a slot.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import field
from hashlib import blake2b
from typing import Any

from volcv_mock import contract
from volcv_mock._util.frozen import frozen, mutable
from volcv_mock.model import CodeRow

MAX_KEYS = 4096
"""Keys remembered at once. Idle keys are dropped first; one with requests in flight is never dropped."""

RATE, CONCURRENCY = "50429", "50430"
"""Row ids in schemas/codes.json."""


class BadQuota(ValueError):
    """An invalid quota setting; the message names the permitted values."""


@frozen
class QuotaSettings:
    """None means no limit. `requests_per_second` may be a fraction: 0.5 is one in two seconds."""

    requests_per_second: float | None = None
    in_flight: int | None = None
    retry_after_s: int | None = None

    def __post_init__(self) -> None:
        _demand_number("requests_per_second", self.requests_per_second, is_whole=False, least=0.001)
        _demand_number("in_flight", self.in_flight, is_whole=True, least=1)
        _demand_number("retry_after_s", self.retry_after_s, is_whole=True, least=0)


@frozen
class Ticket:
    """A slot of a request in flight; `Quotas.release` frees it."""

    key: bytes = field(repr=False)
    number: int
    window: Mapping[str, Any] = field(default_factory=dict)


@frozen
class QuotaRefusal:
    """Which quota is used up. `window` is its state for the journal; it never names the key."""

    row: CodeRow
    window: Mapping[str, Any]


@mutable
class _Use:
    """What one key has used: the times of its admitted requests, oldest first, and its tickets."""

    times_s: deque[float] = field(default_factory=deque)
    tickets: set[int] = field(default_factory=set)


class Quotas:
    """One scope's quotas. Every method may be called from any thread."""

    def __init__(self, settings: QuotaSettings | None = None, max_keys: int = MAX_KEYS) -> None:
        self._settings = settings or QuotaSettings()
        self._max_keys = max_keys
        self._uses: OrderedDict[bytes, _Use] = OrderedDict()
        self._tickets = 0
        self._lock = threading.Lock()

    @property
    def settings(self) -> QuotaSettings:
        """The settings in force."""
        return self._settings

    def change(self, settings: QuotaSettings) -> None:
        """New limits from now on; what is in flight keeps its tickets."""
        with self._lock:
            self._settings = settings

    def admit(
        self, key: str, arrived_s: float, now_s: float | None = None, unfinished: int = 0
    ) -> Ticket | QuotaRefusal:
        """A ticket, or the quota that is used up: the rate is checked before the concurrency.

        `now_s` is the clock's present time, by default the arrival. `unfinished` tasks count as requests in flight.
        """
        name = _name(key)
        with self._lock:
            settings, use = self._settings, self._use(name)
            limit, window_s = rate_window(settings.requests_per_second)
            counted_s = _slide(use.times_s, arrived_s, arrived_s if now_s is None else now_s, window_s)
            window = _window(use, settings, window_s, unfinished)
            exhausted = _exhausted(window, limit)
            if exhausted:
                return QuotaRefusal(contract.row(exhausted), window)
            return self._ticket(name, use, counted_s, window)

    def release(self, ticket: Ticket) -> None:
        """Free the slot. A second release of the same ticket changes nothing."""
        with self._lock:
            use = self._uses.get(ticket.key)
            if use:
                use.tickets.discard(ticket.number)

    def in_flight(self, key: str) -> int:
        """The number of requests of this key that are being answered."""
        with self._lock:
            use = self._uses.get(_name(key))
            return len(use.tickets) if use else 0

    def reset(self) -> None:
        """Empty the windows; requests in flight keep their slots."""
        with self._lock:
            self._uses = OrderedDict((key, _Use(tickets=use.tickets)) for key, use in self._uses.items() if use.tickets)

    def __len__(self) -> int:
        return len(self._uses)

    def _use(self, key: bytes) -> _Use:
        use = self._uses.get(key)
        if use is None:
            self._make_room()
            use = self._uses[key] = _Use()
        self._uses.move_to_end(key)
        return use

    def _make_room(self) -> None:
        if len(self._uses) < self._max_keys:
            return
        idle = next((key for key, use in self._uses.items() if not use.tickets), None)
        if idle is not None:
            del self._uses[idle]

    def _ticket(self, key: bytes, use: _Use, counted_s: float, window: Mapping[str, Any]) -> Ticket:
        self._tickets += 1
        use.tickets.add(self._tickets)
        if self._settings.requests_per_second is not None:
            use.times_s.append(counted_s)
        return Ticket(key, self._tickets, window)


def _name(key: str) -> bytes:
    """A digest of the key: keys are secret, and may be as long as a header."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def rate_window(rate: float | None) -> tuple[int, float]:
    """How many requests fit into how many seconds: 2.5 a second are 2 in 0.8 s, 0.5 is 1 in 2 s."""
    if rate is None:
        return 0, 0.0
    limit = max(1, math.floor(rate))
    return limit, limit / rate


def _slide(times_s: deque[float], arrived_s: float, now_s: float, window_s: float) -> float:
    """Drop the times that have left the window; the time that this arrival counts with.

    Requests are checked in nearly the order of arrival: one that another has overtaken counts with that one. A time
    after `now_s` means that the clock was set back, which empties the window.
    """
    if times_s and times_s[-1] > now_s:
        times_s.clear()
    counted_s = max(arrived_s, times_s[-1]) if times_s else arrived_s
    while times_s and times_s[0] <= counted_s - window_s:
        times_s.popleft()
    return counted_s


def _exhausted(window: Mapping[str, Any], limit: int) -> str | None:
    if window["requests_per_second"] is not None and window["requests_in_window"] >= limit:
        return RATE
    if window["in_flight_limit"] is not None and window["in_flight"] >= window["in_flight_limit"]:
        return CONCURRENCY
    return None


def _window(use: _Use, settings: QuotaSettings, window_s: float, unfinished: int) -> dict[str, Any]:
    """The state before this request, for the journal."""
    return {
        "requests_per_second": settings.requests_per_second,
        "requests_in_window": len(use.times_s),
        "window_s": window_s,
        "in_flight_limit": settings.in_flight,
        "in_flight": len(use.tickets) + unfinished,
    }


def _demand_number(name: str, value: object, *, is_whole: bool, least: float) -> None:
    """Raises BadQuota unless the value is None or a number of that kind; true is not 1."""
    if value is None:
        return
    kind = "a whole number" if is_whole else "a number"
    is_number = isinstance(value, int if is_whole else (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= float(value) <= 1e9:  # type: ignore[arg-type]
        raise BadQuota(f"{name} is {str(value)[:40]!r}; wanted {kind} from {least:g} to 1e9, or nothing for no limit")
