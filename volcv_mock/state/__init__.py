"""What all processes of one mock would have to agree on, as the acts of the mock (acts.py, acts_of_scope.py).

`MemoryState` (memory.py) keeps it in this process, and is the default. `RedisState` (redis/) keeps it in a Redis, so
that several processes are one mock. Whatever follows from the request and the settings is no state: memos, thumbnails,
parsed rules, draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from volcv_mock._util.frozen import frozen


@frozen
class Arrival:
    """A call's number in its scope, from 1, and how many identical requests arrived there before it."""

    number: int
    occurrence: int


@frozen
class Write:
    """Something that is written in the same round trip as the journal entry of its call: a script with its arguments,
    and what is called with its result."""

    call: tuple[str, Sequence[Any]]
    ended: Callable[[Any], None]


class StateUnavailable(Exception):
    """The state cannot be reached, or refuses to work. The message says why, without a password."""


class BadState(Exception):
    """The state cannot be used with these settings. The message says what to change."""
