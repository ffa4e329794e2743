"""The one clock of the suite. Whatever depends on the date takes a function of this kind as a parameter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Now = Callable[[], dt.datetime]
Today = Callable[[], dt.date]


def now_utc() -> dt.datetime:
    """The present time, with its zone."""
    return dt.datetime.now(dt.UTC)


def today_utc() -> dt.date:
    """Budgets and nights change at midnight UTC, whatever the time zone of the machine."""
    return now_utc().date()
