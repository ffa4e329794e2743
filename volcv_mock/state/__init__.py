"""What all processes of one mock would have to agree on, as the acts of the mock (acts.py).

`MemoryState` (memory.py) keeps it in this process, and is the only one so far. Whatever follows from the request and
the settings is no state: memos, thumbnails, parsed rules, draws.
"""

from __future__ import annotations

from volcv_mock._util.frozen import frozen


@frozen
class Arrival:
    """A call's number in its scope, from 1, and how many identical requests arrived there before it."""

    number: int
    occurrence: int
