"""Time and size limits of a connection. The figures are the mock's own: no document gives any.

None of them is part of the contract; a client that is only slow stays far within all of them.
"""

from __future__ import annotations

from volcv_mock._util.frozen import frozen


@frozen
class Timeouts:
    """Seconds, bytes and counts. Tests use shorter ones."""

    keep_alive_s: float = 75.0
    """An idle connection between two requests."""
    head_s: float = 15.0
    """A head, from its first byte to its empty line."""
    body_idle_s: float = 10.0
    """A body of which nothing arrives."""
    body_total_s: float = 120.0
    """All waiting for one body together: a client that sends single bytes is ended too."""
    upload_grace_s: float = 0.5
    """How long a fast sender that stalls keeps its slot."""
    write_idle_s: float = 20.0
    """A client that reads nothing of its response."""
    write_total_s: float = 180.0
    """One whole response: a client that reads single bytes is ended too."""
    linger_s: float = 2.0
    """How long to read on after an early refusal, so that the client can read it before the connection is reset."""
    shutdown_s: float = 1.0
    """How long responses that are computed or sent may take when the server stops."""
    drain_accept_s: float = 2.0
    """How long a draining server accepts connections: a load balancer needs a moment to see that it is not ready."""
    head_bytes: int = 65536
    target_bytes: int = 8192
    pipelined_bytes: int = 65536
    """How much a client may pipeline while its response waits; the rest stays in the kernel."""
    reading_at_once: int = 16
    """Requests that are read and decided at one time; the kernel holds the bodies of the others."""
    small_at_once: int = 48
    """With a common state the same of requests of at most 16 KB, counted apart: they share round trips."""
    large_at_once: int = 1
    """In front of an upstream, those of them with a body of more than 1 MB: each takes four times its length."""
    large_compared_at_once: int = 4
    """The same in the mode `diff`, until the upstream has answered: what is compared stays in memory, ten times the
    length of a body (measured)."""
