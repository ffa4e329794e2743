"""How long the front waits for a client, and how much it takes from one. Figures of ours: no document gives any.

Nothing here is part of the contract; a client that is honest and slow stays far within all of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, bytes and numbers. Tests shorten them."""

    keep_alive_s: float = 75.0
    """An idle connection between two requests."""
    head_s: float = 15.0
    """A head, from its first byte to its empty line."""
    body_idle_s: float = 10.0
    """A body that stands still."""
    body_total_s: float = 120.0
    """All the waiting for one body together, so that a trickle ends too."""
    upload_grace_s: float = 0.5
    """How long a quick sender that stalls keeps its reading slot."""
    write_idle_s: float = 20.0
    """A client that takes nothing of its answer."""
    write_total_s: float = 180.0
    """One answer altogether, so that a reader of single bytes ends too."""
    linger_s: float = 2.0
    """After an early refusal: reading on, so that the client can see it before the connection is reset."""
    shutdown_s: float = 1.0
    """At the end: answers being computed or written may finish."""
    head_bytes: int = 65536
    target_bytes: int = 8192
    pipelined_bytes: int = 65536
    """What a client may send ahead while its answer waits; the rest stays in the kernel."""
    reading_at_once: int = 16
    """Requests being read and computed at one time; the kernel holds the bodies of the others."""
