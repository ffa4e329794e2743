"""The mock in this process, through WSGI and without a socket. Triggers are off.

Hypothesis does draw seeds such as 50411 and 201304: with triggers on, they would be answered as asked.
"""

from __future__ import annotations

from typing import Any

import httpx

from .base import CAPABILITIES, Target

KEY = "sk-contract-suite-0123456789abcdef"
CAN = frozenset(CAPABILITIES) - {"paid", "signs", "real_time", "replays", "socket"}


def transport() -> httpx.BaseTransport:
    """A fresh mock behind an httpx transport."""
    from volcv_mock import VolcvMock

    return httpx.WSGITransport(VolcvMock(seed=7, latency="off", triggers=False).app)


def open_target(**options: Any) -> Target:
    """A mock of its own in this process."""
    client = httpx.Client(transport=transport(), base_url="http://127.0.0.1:8410", timeout=60)
    return Target("mock", client, "/volcv/v1", CAN, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))
